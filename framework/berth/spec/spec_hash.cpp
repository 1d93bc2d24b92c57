// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/spec/defaults.hpp>
#include <berth/spec/internal/members.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <type_traits>

namespace berth {
namespace {

/// Writes values so that different ones never give the same bytes: every text with its length before it, every list
/// with its count, every member by its name and only when it is given.
class Canonical {
  public:
    std::string bytes;

    template <class T>
    void member(const FieldRow& row, const Given<T>& value) {
        if (value.given()) {
            add(row.key);
            add(*value);
        }
    }
    template <class T>
    void member(const FieldRow& row, const T& value) {  // always there: of a limit, say
        add(row.key);
        add(value);
    }

    void add(std::string_view text) {
        bytes += fmt::format("{}:", text.size());
        bytes += text;
    }
    void add(const std::string& text) { add(std::string_view(text)); }
    void add(const Text& text) { add(text.text); }
    void add(bool value) { add(std::string_view(value ? "true" : "false")); }
    void add(double value) { add(fmt::format("{}", value)); }
    void add(Bytes value) { add(fmt::format("{}", count(value))); }
    void add(Duration value) { add(fmt::format("{}", value.count())); }
    template <class T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0>
    void add(T value) {
        add(fmt::format("{}", value));
    }
    template <class T, std::enable_if_t<std::is_enum_v<T> && !std::is_same_v<T, Bytes>, int> = 0>
    void add(T value) {
        add(static_cast<int>(value));
    }
    void add(const Value& value) {
        add(value.text.has_value());
        add(value.text.value_or(""));
    }
    void add(const PortRange& range) {
        add(range.first);
        add(range.last);
    }
    void add(const PublishedPort& port) {
        add(port.how);
        add(port.range);
    }
    void add(const RestartPolicy& policy) {
        add(policy.kind);
        add(policy.most_retries);
    }
    void add(const NetworkMode& mode) {
        add(mode.kind);
        add(mode.name);
    }
    void add(const PortName& port) {
        add(port.number);
        add(port.name);
    }
    void add(const ShellOrArgv& command) {
        add(command.shell);
        add(command.words);
    }
    void add(const CodeRanges& codes) { add(codes.text()); }
    void add(const AnyValue& value) {
        add(value.kind);
        add(value.quoted);
        add(value.text);
        add(value.items);
        add(value.entries);
    }
    template <class Struct, std::enable_if_t<internal::k_has_fields<Struct>, int> = 0>
    void add(const Struct& value) {
        internal::for_each_member<Struct>([&](const FieldRow& row, auto pointer) { member(row, value.*pointer); });
        end();
    }
    template <class T>
    void add(const std::vector<T>& items) {
        add(items.size());
        for (const auto& item : items) {
            add(item);
        }
    }
    template <class T>
    void add(const std::map<std::string, T>& items) {
        add(items.size());
        for (const auto& [key, item] : items) {
            add(key);
            add(item);
        }
    }

  private:
    void end() { bytes += ';'; }
};

}  // namespace

std::string spec_hash(const ServiceSpec& service) {
    // What only decides when and how it is waited for, pulled, kept or cleaned up takes no part.
    constexpr std::string_view k_left_out[] = {
        "depends_on",   "profiles", "pull_policy",      "wait",     "artifacts", "stop_grace_period", "reset", "reuse",
        "log_protocol", "extends",  "startup_attempts", "snapshot", "per_test",  "pre_stop"};
    Canonical canonical;
    canonical.add(std::string_view("name"));
    canonical.add(*service.name);
    internal::for_each_member<ServiceSpec>([&](const FieldRow& row, auto member) {
        if (std::find(std::begin(k_left_out), std::end(k_left_out), row.key) == std::end(k_left_out)) {
            canonical.member(row, service.*member);
        }
    });
    if (service.user_setup.given()) {
        canonical.add(std::string_view("user"));
        canonical.add(*service.user_setup);
    }
    return sha256_hex(canonical.bytes);
}

}  // namespace berth
