// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/image_facts.hpp>

#include <filesystem>
#include <string>

namespace berth::engine {

/// Whether an image is for `linux/arm64` and its like; a variant counts where both name one.
bool is_for(const ImageFacts& image, const std::string& platform);

/// `amd64` of `x86_64`; a word that is not known stays as it is.
std::string architecture_of(const std::string& machine);

/// Whether processors of `machine` run programs for `architecture` without help.
bool runs_natively(const std::string& machine, const std::string& architecture);

/// The name of what makes this kernel run programs for `architecture` (`qemu-aarch64`); empty when there is none.
/// @param handlers /proc/sys/fs/binfmt_misc
std::string emulator_of(const std::string& architecture, const std::filesystem::path& handlers);

}  // namespace berth::engine
