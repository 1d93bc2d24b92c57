// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/images.hpp>
#include <berth/engine/internal/wire.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace berth::engine {

/// What the engine's word for a step means.
PullProgress::Phase phase_of(std::string_view status);

/// The words of `errorDetail`, or of the older `error`, of an object in a stream; empty when it is none.
std::string error_in(const Json& object);

/// How a pull or push went.
struct TransferEnd {
    bool failed{false};
    bool stalled{false};  ///< Failed because nothing went on; the engine says nothing.
    bool layers{false};   ///< It had come to the layers.
    ErrorFacts facts{};   ///< Of the failure: status and the engine's words.
};

struct Transfer {
    Call call{};
    std::chrono::seconds stall{60};
    std::function<void(const PullProgress&)> on_progress{};
    std::function<void(const Json&)> on_object{};  ///< Each object that is no error.
};

/// Sends the call and reads the progress to its end. What engine and registry say no to is returned.
/// @throws ExchangeFailed, TimedOut by `deadline`, Cancelled
TransferEnd run_transfer(const Engine::Wire& wire, const Transfer& transfer, const Deadline& deadline);

}  // namespace berth::engine
