// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/wait.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth {

bool CodeRanges::contains(int code) const noexcept {
    return std::any_of(ranges.begin(), ranges.end(),
                       [code](const Range& range) { return range.first <= code && code <= range.last; });
}

std::string CodeRanges::text() const {
    std::string result;
    for (const auto& range : ranges) {
        result += result.empty() ? "" : ", ";
        result +=
            range.first == range.last ? fmt::format("{}", range.first) : fmt::format("{}-{}", range.first, range.last);
    }
    return result;
}

std::string PortName::text() const {
    return name.empty() ? fmt::format("{}", number) : name;
}

WaitSpec WaitSpec::with_timeout(Given<Duration> time) const {
    WaitSpec copy = *this;
    copy.timeout = std::move(time);
    return copy;
}

WaitSpec WaitSpec::with_interval(Given<Duration> time) const {
    WaitSpec copy = *this;
    copy.interval = std::move(time);
    return copy;
}

namespace wait {
namespace {

template <class T>
WaitSpec only(Given<T> WaitSpec::*member, T value, Caller caller) {
    WaitSpec made;
    made.*member = Given<T>(std::move(value), caller);
    return made;
}

}  // namespace

WaitSpec port(Caller caller) {
    return only(&WaitSpec::port, WaitPort{}, caller);
}

WaitSpec port(PortName port, Caller caller) {
    return wait::port(std::vector<PortName>{std::move(port)}, caller);
}

WaitSpec port(std::vector<PortName> ports, Caller caller) {
    WaitPort made;
    made.port = Given<std::vector<PortName>>(std::move(ports), caller);
    return only(&WaitSpec::port, std::move(made), caller);
}

WaitSpec http(std::string path, WaitHttp more, Caller caller) {
    more.path = Given<std::string>(std::move(path), caller);
    return only(&WaitSpec::http, std::move(more), caller);
}

WaitSpec log(std::string matches, Caller caller) {
    WaitLog made;
    made.matches = Given<std::string>(std::move(matches), caller);
    return only(&WaitSpec::log, std::move(made), caller);
}

WaitSpec log(WaitLog log, Caller caller) {
    return only(&WaitSpec::log, std::move(log), caller);
}

WaitSpec exec(ShellOrArgv command, Caller caller) {
    WaitExec made;
    made.command = Given<ShellOrArgv>(std::move(command), caller);
    return only(&WaitSpec::exec, std::move(made), caller);
}

WaitSpec healthcheck(Caller caller) {
    return only(&WaitSpec::healthcheck, WaitHealth{}, caller);
}

WaitSpec exit(CodeRanges code, Caller caller) {
    WaitExit made;
    made.code = Given<CodeRanges>(std::move(code), caller);
    return only(&WaitSpec::exit, std::move(made), caller);
}

WaitSpec all(std::vector<WaitSpec> items, Caller caller) {
    return only(&WaitSpec::all, std::move(items), caller);
}

WaitSpec any(std::vector<WaitSpec> items, Caller caller) {
    return only(&WaitSpec::any, std::move(items), caller);
}

WaitSpec running(Caller caller) {
    return only(&WaitSpec::simple, WaitSpec::Simple::running, caller);
}

WaitSpec none(Caller caller) {
    return only(&WaitSpec::simple, WaitSpec::Simple::none, caller);
}

}  // namespace wait
}  // namespace berth
