// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/internal/body.hpp>

#include <memory>

namespace berth::http {

struct Stream::State {
    std::unique_ptr<internal::Connection> connection;
    Head head;
    internal::BodyReader body;
    internal::Progress progress;  ///< Stays at `answering`, so that a reader and a writer may share it.
};

}  // namespace berth::http
