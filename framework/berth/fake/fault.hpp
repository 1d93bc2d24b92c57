// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace berth::fake {

/// Which call is meant.
struct Call {
    std::string method{};  ///< Empty: any.
    /// Without version and query; `*` stands for any characters: `/containers/*/start`. Empty: any.
    std::string path{};
    std::size_t nth{1};  ///< The first, second … call that fits, counted from now on.
};

/// What goes wrong with one call.
struct Fault {
    enum class Kind {
        close_unanswered,  ///< The request is read and not carried out; then the connection is closed.
        refuse,            ///< Not carried out; `status` and `text` are the answer.
        garbage,           ///< Not carried out; `text` is sent as it is, then the connection is closed.
        cut_request,       ///< Only the first `bytes` of the request count; not carried out unless those are all.
        drop_answer,       ///< Carried out; the connection is closed instead of an answer.
        cut_answer,        ///< Carried out; the connection is closed after the first `bytes` of the answer.
        stall_answer,      ///< Carried out; after the first `bytes` of the answer nothing comes until released.
        hold,              ///< Carried out once released, even if the client has gone by then: a late create.
    };
    Kind kind{Kind::drop_answer};
    std::size_t bytes{0};
    int status{500};
    std::string text{};
    /// Of hold and stall_answer: released by itself after that time.
    std::optional<std::chrono::nanoseconds> released_after{};
};

/// One fault that was asked for. Copies are the same.
class Held {
  public:
    struct State;
    explicit Held(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

    /// Lets a call that is held or stalled go on; one that comes later is not held.
    void release() const;
    /// Until the fault is at work. @returns false when it was not in that time
    [[nodiscard]] bool wait_until_reached(std::chrono::nanoseconds patience) const;

  private:
    std::shared_ptr<State> state_;
};

}  // namespace berth::fake
