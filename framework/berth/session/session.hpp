// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/names.hpp>
#include <berth/engine/engine.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace berth {

enum class ObjectKind { container, network, volume };

/// What is known of one object that a session makes.
struct LedgerEntry {
    ObjectKind kind{ObjectKind::container};
    std::string name{};
    std::string id{};  ///< Empty: the create was intended, and no answer has come.
};

/// Everything a session has made or is about to make, written *before* each create request is sent, so that whoever
/// cleans up (teardown here, another process later) also knows of creates whose answers never came. Thread-safe.
class Ledger {
  public:
    enum class Change { intended, done, gone };
    /// Called under the ledger's lock for each change, before the call returns. What it throws stops the create.
    using Listener = std::function<void(Change, const LedgerEntry&)>;

    void intend(ObjectKind kind, const std::string& name);
    void done(ObjectKind kind, const std::string& name, const std::string& id);
    void gone(ObjectKind kind, const std::string& name);
    /// What is not gone, in the order of the intents.
    [[nodiscard]] std::vector<LedgerEntry> live() const;
    void listen(Listener listener);

  private:
    mutable std::mutex mutex_;
    std::vector<LedgerEntry> entries_;
    Listener listener_;
};

/// What outlives its session says so when it is created.
enum class KeepLabel { nothing, up };

struct SessionOptions {
    std::string project{};
    KeepLabel keep{KeepLabel::nothing};
};

/// One owner of engine objects: this process, for one bring-up. Cheap to copy.
class Session {
  public:
    Session(Engine engine, RunId run, SessionOptions options);

    [[nodiscard]] const Engine& engine() const noexcept;
    [[nodiscard]] const std::string& id() const noexcept;  ///< 128 random bits in hex.
    [[nodiscard]] const RunId& run() const noexcept;
    [[nodiscard]] const SessionOptions& options() const noexcept;
    [[nodiscard]] Ledger& ledger() const noexcept;

    /// `berth.session`, `berth.owner` (boot id / pid namespace / pid / start time; not for kept objects), `berth.host`,
    /// `berth.created`, `berth.project`, `berth.run`, and with them `berth.service` and `berth.spec` where given,
    /// `berth.keep` where it outlives us.
    [[nodiscard]] Labels labels(const std::string& service = {}, const std::string& spec_hash = {}) const;

    /// The process that made the session; its forked children own nothing.
    [[nodiscard]] bool is_owner_process() const noexcept;

    /// The next number for a container's name.
    [[nodiscard]] int next_number() const noexcept;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Reads `berth.owner` of this process: what a sweep compares.
std::string owner_label();

}  // namespace berth
