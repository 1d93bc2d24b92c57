// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/process/descriptor.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace berth::support {

/// Plain sockets for the peers of our tests. All descriptors are close-on-exec and do not block.
process::Descriptor listen_unix(const std::string& path, int backlog = 128);
process::Descriptor connect_unix(const std::string& path);

/// The next caller. @throws Cancelled
process::Descriptor accept_one(const process::Descriptor& listener, const Deadline& deadline);

/// The next bytes; empty at the end or when the connection broke. @throws Cancelled
std::string receive_some(const process::Descriptor& from, const Deadline& deadline);

/// @returns false when the connection broke. @throws Cancelled
bool send_all(const process::Descriptor& to, std::string_view bytes, const Deadline& deadline);

/// No more bytes in this direction (SHUT_WR), or in both.
void finish_sending(const process::Descriptor& socket) noexcept;
void shut_down(const process::Descriptor& socket) noexcept;

/// Descriptors that this process has open.
std::size_t open_descriptors();

}  // namespace berth::support
