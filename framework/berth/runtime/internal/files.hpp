// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/archive/tar_reader.hpp>
#include <berth/engine/containers.hpp>
#include <berth/runtime/internal/live.hpp>
#include <berth/spec/template.hpp>

#include <filesystem>
#include <functional>
#include <string>

namespace berth::runtime {

/// All of the service's `copy` in one upload. Engine API: PUT /containers/{id}/archive?path=/.
void copy_all_in(const Service::State& service, const EnvironmentSpec& spec, const ReferenceLookup& lookup,
                 const Deadline& deadline);

/// A path of a container, unpacked below `to`, which is made; what is there stays, files of the same name are replaced.
/// @param wanted asked for each file by its path below the unpacked one; empty: all
/// @throws NotFound; Error (BR0401 to BR0403) for what cannot or may not be unpacked
void copy_out(const Engine& engine, const ContainerId& id, const std::string& from, const std::filesystem::path& to,
              const archive::Limits& limits, const std::function<bool(const std::string&)>& wanted,
              const Deadline& deadline);

/// The bytes of one file of a container. @throws NotFound, Error (BR0402, BR0403)
std::string read_file(const Engine& engine, const ContainerId& id, const std::string& path, const Deadline& deadline);

}  // namespace berth::runtime
