// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/any_value.hpp>
#include <berth/spec/given.hpp>
#include <berth/spec/ports.hpp>
#include <berth/spec/text.hpp>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace berth {

using Duration = std::chrono::nanoseconds;

/// Inclusive ranges of HTTP status or exit codes.
struct CodeRanges {
    struct Range {
        int first{0};
        int last{0};
        friend bool operator==(const Range&, const Range&) = default;
    };
    std::vector<Range> ranges{};

    CodeRanges() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): in a spec it is written as its value is.
    CodeRanges(int code) : ranges{{code, code}} {}
    CodeRanges(int first, int last) : ranges{{first, last}} {}

    [[nodiscard]] bool contains(int code) const noexcept;
    /// `200, 300-399`.
    [[nodiscard]] std::string text() const;
    friend bool operator==(const CodeRanges&, const CodeRanges&) = default;
};

/// A port of the container by number or by the name it has in `ports`.
struct PortName {
    int number{0};       ///< 0 when named.
    std::string name{};  ///< Empty when a number.

    PortName() = default;
    // NOLINTBEGIN(google-explicit-constructor): in a spec it is written as its value is.
    PortName(int port) : number(port) {}
    PortName(std::string text) : name(std::move(text)) {}
    PortName(const char* text) : name(text) {}
    // NOLINTEND(google-explicit-constructor)
    [[nodiscard]] std::string text() const;
    friend bool operator==(const PortName&, const PortName&) = default;
};

/// A connection to each port can be opened. No `ports`: all published TCP ports.
struct WaitPort {
    enum class From { host, address, container, both };
    Given<std::vector<PortName>> port{};
    Given<From> from{};  ///< From where the connection is tried; default host.
    friend bool operator==(const WaitPort&, const WaitPort&) = default;
};

struct HttpAuth {
    Given<Text> user{};
    Given<Text> password{};
    friend bool operator==(const HttpAuth&, const HttpAuth&) = default;
};

struct HttpTls {
    Given<bool> verify{};  ///< Default false.
    Given<std::string> ca_file{};
    friend bool operator==(const HttpTls&, const HttpTls&) = default;
};

/// A request is answered as wanted.
struct WaitHttp {
    enum class Scheme { http, https };
    enum class Method { get, head, post, put, options };
    Given<std::string> path{};  ///< Default `/`.
    Given<PortName> port{};     ///< Default: the only published port.
    Given<Scheme> scheme{};
    Given<Method> method{};
    Given<CodeRanges> status{};  ///< Default 200-399.
    Given<KeyValues> headers{};
    Given<Text> body{};
    Given<std::string> body_contains{};
    Given<std::string> body_matches{};              ///< A regular expression.
    Given<std::map<std::string, AnyValue>> json{};  ///< JSON pointer to the value wanted there; all must hold.
    Given<HttpAuth> auth{};
    Given<HttpTls> tls{};
    Given<Duration> request_timeout{};  ///< Default 5s.
    friend bool operator==(const WaitHttp&, const WaitHttp&) = default;
};

/// The container's log has so many matching lines.
struct WaitLog {
    enum class Stream { both, out, err };
    Given<std::string> matches{};   ///< A regular expression, searched per line. One of `matches`, `contains`.
    Given<std::string> contains{};  ///< As it is written.
    Given<int> times{};             ///< Default 1.
    Given<Stream> stream{};
    Given<std::string> fail_on{};  ///< A line that it finds ends the wait as failed.
    friend bool operator==(const WaitLog&, const WaitLog&) = default;
};

/// A command in the container ends with a wanted status.
struct WaitExec {
    Given<ShellOrArgv> command{};  ///< Required.
    Given<CodeRanges> exit_code{};
    Given<std::string> output_matches{};  ///< A regular expression.
    Given<std::string> user{};
    Given<KeyValues> environment{};
    friend bool operator==(const WaitExec&, const WaitExec&) = default;
};

/// The engine's health check says healthy.
struct WaitHealth {
    enum class OnUnhealthy { fail, keep_waiting };
    Given<OnUnhealthy> on_unhealthy{};
    friend bool operator==(const WaitHealth&, const WaitHealth&) = default;
};

/// The container ends with a wanted status; makes the service one-shot.
struct WaitExit {
    Given<CodeRanges> code{};
    friend bool operator==(const WaitExit&, const WaitExit&) = default;
};

/// When a service is ready. Several strategies in one: all of them.
struct WaitSpec {
    /// What stands instead of strategies: `automatic` picks one, `none` is ready once created and started,
    /// `running` once it runs.
    enum class Simple { automatic, none, running };
    Given<Simple> simple{};
    Given<WaitPort> port{};
    Given<WaitHttp> http{};
    Given<WaitLog> log{};
    Given<WaitExec> exec{};
    Given<WaitHealth> healthcheck{};
    Given<WaitExit> exit{};
    Given<std::string> file{};  ///< A path in the container that exists.
    Given<Duration> delay{};    ///< A pause behind the others.
    Given<std::vector<WaitSpec>> all{};
    Given<std::vector<WaitSpec>> any{};
    Given<Duration> timeout{};   ///< From the container's start; default `timeouts.ready`.
    Given<Duration> interval{};  ///< A given value is constant.
    Given<int> successes{};      ///< So many in a row; default 1.

    [[nodiscard]] WaitSpec with_timeout(Given<Duration> time) const;
    [[nodiscard]] WaitSpec with_interval(Given<Duration> time) const;

    friend bool operator==(const WaitSpec&, const WaitSpec&) = default;
};

namespace wait {
/// All published TCP ports.
WaitSpec port(Caller caller = BERTH_CALLER);
WaitSpec port(PortName port, Caller caller = BERTH_CALLER);
WaitSpec port(std::vector<PortName> ports, Caller caller = BERTH_CALLER);
WaitSpec http(std::string path, WaitHttp more = {}, Caller caller = BERTH_CALLER);
/// A line that the regular expression `matches` finds.
WaitSpec log(std::string matches, Caller caller = BERTH_CALLER);
WaitSpec log(WaitLog log, Caller caller = BERTH_CALLER);
WaitSpec exec(ShellOrArgv command, Caller caller = BERTH_CALLER);
WaitSpec healthcheck(Caller caller = BERTH_CALLER);
WaitSpec exit(CodeRanges code = 0, Caller caller = BERTH_CALLER);
WaitSpec all(std::vector<WaitSpec> items, Caller caller = BERTH_CALLER);
WaitSpec any(std::vector<WaitSpec> items, Caller caller = BERTH_CALLER);
WaitSpec running(Caller caller = BERTH_CALLER);
WaitSpec none(Caller caller = BERTH_CALLER);
}  // namespace wait

}  // namespace berth
