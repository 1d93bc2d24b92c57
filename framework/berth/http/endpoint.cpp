// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/http/endpoint.hpp>

#include <fmt/format.h>

#include <sys/un.h>
#include <algorithm>
#include <charconv>

namespace berth::http {
namespace {

constexpr std::string_view k_usual_path = "/var/run/docker.sock";
constexpr std::uint16_t k_usual_port = 2375;
/// The kernel wants a zero byte after it.
constexpr std::size_t k_longest_path = sizeof(sockaddr_un::sun_path) - 1;

[[noreturn]] void refuse(std::string summary, std::string hint = {}) {
    ErrorFacts facts{.code = "BR0110", .summary = std::move(summary)};
    if (!hint.empty()) {
        facts.hints.push_back(std::move(hint));
    }
    throw Error(std::move(facts));
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:%").find(c) != std::string_view::npos;
}

Endpoint read_unix(std::string_view path) {
    if (path.empty()) {
        path = k_usual_path;
    }
    if (path.front() != '/') {
        refuse(fmt::format("socket path '{}' does not begin with '/'", path), fmt::format("write 'unix:///{}'", path));
    }
    if (path.size() > k_longest_path) {
        refuse(fmt::format("socket path '{}' is {} bytes long, and the system takes {}", path, path.size(),
                           k_longest_path),
               "use a shorter path, or a symbolic link to the folder");
    }
    return {.scheme = Endpoint::Scheme::unix_socket, .path = std::string(path)};
}

std::uint16_t read_port(std::string_view text, std::string_view whole) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) {
        refuse(fmt::format("'{}' in '{}' is no port", text, whole), "a port is a number from 1 to 65535");
    }
    return port;
}

Endpoint read_tcp(std::string_view place, std::string_view whole) {
    if (!place.empty() && place.back() == '/') {
        place.remove_suffix(1);
    }
    Endpoint endpoint{.scheme = Endpoint::Scheme::tcp, .port = k_usual_port};
    std::string_view host = place;
    std::string_view after;
    if (!place.empty() && place.front() == '[') {
        const auto bracket = place.find(']');
        if (bracket == std::string_view::npos) {
            refuse(fmt::format("'{}' has no ']' after its address", whole));
        }
        host = place.substr(1, bracket - 1);
        after = place.substr(bracket + 1);
    } else if (const auto colon = place.find(':'); colon != std::string_view::npos) {
        host = place.substr(0, colon);
        after = place.substr(colon);
    }
    if (host.empty()) {
        refuse(fmt::format("'{}' names no host", whole), "write 'tcp://HOST:PORT'");
    }
    if (!std::all_of(host.begin(), host.end(), is_host_character)) {
        refuse(fmt::format("'{}' in '{}' is no host name", host, whole), "write 'tcp://HOST:PORT'");
    }
    if (!after.empty()) {
        if (after.front() != ':') {
            refuse(fmt::format("'{}' in '{}' is no port", after, whole), "a port is a number from 1 to 65535");
        }
        endpoint.port = read_port(after.substr(1), whole);
    }
    endpoint.host = std::string(host);
    return endpoint;
}

}  // namespace

std::string Endpoint::text() const {
    if (scheme == Scheme::unix_socket) {
        return "unix://" + path;
    }
    const bool brackets = host.find(':') != std::string::npos;
    return brackets ? fmt::format("tcp://[{}]:{}", host, port) : fmt::format("tcp://{}:{}", host, port);
}

bool Endpoint::local() const noexcept {
    return scheme == Scheme::unix_socket || host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

Endpoint parse_endpoint(std::string_view text) {
    if (std::any_of(text.begin(), text.end(), is_control)) {
        refuse(fmt::format("endpoint '{}' has a control character", text));
    }
    const auto mark = text.find("://");
    if (mark == std::string_view::npos) {
        return read_tcp(text, text);
    }
    const auto scheme = text.substr(0, mark);
    const auto rest = text.substr(mark + 3);
    if (scheme == "unix") {
        return read_unix(rest);
    }
    if (scheme == "tcp") {
        return read_tcp(rest, text);
    }
    refuse(fmt::format("scheme '{}' of '{}' is not supported", scheme, text),
           "use 'unix:///PATH' or 'tcp://HOST:PORT'");
}

}  // namespace berth::http
