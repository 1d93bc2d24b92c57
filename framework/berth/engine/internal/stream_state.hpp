// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/internal/frames.hpp>
#include <berth/engine/internal/wire.hpp>
#include <berth/engine/streams.hpp>

#include <memory>
#include <vector>

namespace berth {

/// A hijacked connection, and what is known of it.
struct Streams::State {
    State(std::shared_ptr<Engine::Wire> engine, engine::Call about, http::Stream connection, bool terminal);

    std::shared_ptr<Engine::Wire> wire;
    engine::Call call;
    http::Stream stream;
    bool tty;
    const Output* sink{nullptr};  // during a read
    engine::FrameReader frames;
    std::vector<char> buffer;
};

}  // namespace berth
