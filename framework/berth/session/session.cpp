// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/units.hpp>
#include <berth/session/session.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>

namespace berth {
namespace {

constexpr std::size_t k_session_digits = 32;
constexpr std::size_t k_host_digits = 16;

// What /proc does not tell stays visible as a part of its own: a sweep takes such an owner for undecidable.
constexpr const char* k_unknown = "-";

std::string read_whole(const char* path) {
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
        text.pop_back();
    }
    return text;
}

// Field 22 of /proc/self/stat, in clock ticks since the boot. The program's name before it is in parentheses and may
// itself hold blanks and parentheses, so counting starts behind the last one.
std::string start_time() {
    const std::string stat = read_whole("/proc/self/stat");
    auto at = stat.rfind(')');
    if (at == std::string::npos) {
        return k_unknown;
    }
    for (int field = 2; field < 22; ++field) {
        at = stat.find(' ', at + 1);
        if (at == std::string::npos) {
            return k_unknown;
        }
    }
    return stat.substr(at + 1, stat.find(' ', at + 1) - at - 1);
}

std::string pid_namespace() {
    struct stat facts {};
    return ::stat("/proc/self/ns/pid", &facts) == 0 ? std::to_string(facts.st_ino) : k_unknown;
}

// Hashed, because the machine's id is nobody else's business. A container image may have none; its host name then has
// to do.
std::string host_label() {
    std::string id = read_whole("/etc/machine-id");
    if (id.empty()) {
        id = read_whole("/var/lib/dbus/machine-id");
    }
    if (id.empty()) {
        utsname name{};
        ::uname(&name);
        id = name.nodename;
    }
    return sha256_hex("berth.host:" + id).substr(0, k_host_digits);
}

bool is_entry(const LedgerEntry& entry, ObjectKind kind, const std::string& name) {
    return entry.kind == kind && entry.name == name;
}

}  // namespace

std::string owner_label() {
    std::string boot = read_whole("/proc/sys/kernel/random/boot_id");
    if (boot.empty()) {
        boot = k_unknown;
    }
    return fmt::format("{}/{}/{}/{}", boot, pid_namespace(), ::getpid(), start_time());
}

void Ledger::intend(ObjectKind kind, const std::string& name) {
    const std::lock_guard lock(mutex_);
    entries_.push_back({kind, name, {}});
    if (listener_) {
        try {
            listener_(Change::intended, entries_.back());
        } catch (...) {
            entries_.pop_back();
            throw;
        }
    }
}

void Ledger::done(ObjectKind kind, const std::string& name, const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const LedgerEntry& each) { return is_entry(each, kind, name); });
    if (entry == entries_.end()) {
        return;
    }
    entry->id = id;
    if (listener_) {
        listener_(Change::done, *entry);
    }
}

void Ledger::gone(ObjectKind kind, const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const LedgerEntry& each) { return is_entry(each, kind, name); });
    if (entry == entries_.end()) {
        return;
    }
    const LedgerEntry what = std::move(*entry);
    entries_.erase(entry);
    if (listener_) {
        listener_(Change::gone, what);
    }
}

std::vector<LedgerEntry> Ledger::live() const {
    const std::lock_guard lock(mutex_);
    return entries_;
}

void Ledger::listen(Listener listener) {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
}

struct Session::State {
    Engine engine;
    RunId run;
    SessionOptions options;
    std::string id = random_hex(k_session_digits);
    std::string owner = owner_label();
    std::string host = host_label();
    pid_t process = ::getpid();
    Ledger ledger{};
    std::atomic<int> number{0};
};

Session::Session(Engine engine, RunId run, SessionOptions options)
    : state_(new State{std::move(engine), std::move(run), std::move(options)}) {}

const Engine& Session::engine() const noexcept {
    return state_->engine;
}

const std::string& Session::id() const noexcept {
    return state_->id;
}

const RunId& Session::run() const noexcept {
    return state_->run;
}

const SessionOptions& Session::options() const noexcept {
    return state_->options;
}

Ledger& Session::ledger() const noexcept {
    return state_->ledger;
}

Labels Session::labels(const std::string& service, const std::string& spec_hash) const {
    const std::string& project = state_->options.project.empty() ? state_->run.project : state_->options.project;
    Labels labels{
        {"berth.session", state_->id},
        {"berth.host", state_->host},
        {"berth.created", format_time(std::chrono::system_clock::now())},
        {"berth.project", project},
        {"berth.run", state_->run.text()},
    };
    if (state_->options.keep == KeepLabel::up) {
        labels["berth.keep"] = "up";
    } else {
        labels["berth.owner"] = state_->owner;
    }
    if (!service.empty()) {
        labels["berth.service"] = service;
    }
    if (!spec_hash.empty()) {
        labels["berth.spec"] = spec_hash;
    }
    return labels;
}

bool Session::is_owner_process() const noexcept {
    return state_->process == ::getpid();
}

int Session::next_number() const noexcept {
    return ++state_->number;
}

}  // namespace berth
