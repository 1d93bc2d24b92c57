// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/core/redaction.hpp>
#include <berth/http/endpoint.hpp>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <sys/un.h>
#include <algorithm>
#include <charconv>

namespace berth::http {
namespace {

constexpr std::string_view k_usual_path = "/var/run/docker.sock";
constexpr std::uint16_t k_usual_port = 2375;
constexpr std::uint16_t k_usual_tls_port = 2376;
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

struct Place {
    std::string host{};
    std::optional<std::uint16_t> port{};
};

/// `host`, `host:port`, `[address]:port`.
Place read_place(std::string_view place, std::string_view whole, std::string_view form) {
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
        refuse(fmt::format("'{}' names no host", whole), fmt::format("write '{}'", form));
    }
    if (!std::all_of(host.begin(), host.end(), is_host_character)) {
        refuse(fmt::format("'{}' in '{}' is no host name", host, whole), fmt::format("write '{}'", form));
    }
    Place result{.host = std::string(host)};
    if (!after.empty()) {
        if (after.front() != ':') {
            refuse(fmt::format("'{}' in '{}' is no port", after, whole), "a port is a number from 1 to 65535");
        }
        result.port = read_port(after.substr(1), whole);
    }
    return result;
}

bool is_plain_in_path(char c) {
    return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '\\';
}

Endpoint read_tcp(std::string_view rest, std::string_view whole, const std::optional<Tls>& tls) {
    const auto slash = std::min(rest.find('/'), rest.size());
    std::string_view base = rest.substr(slash);
    while (!base.empty() && base.back() == '/') {
        base.remove_suffix(1);
    }
    if (!std::all_of(base.begin(), base.end(), is_plain_in_path)) {
        refuse(fmt::format("'{}' in '{}' is no path", base, whole), "a path is plain text without '?' and '#'");
    }
    const Place place = read_place(rest.substr(0, slash), whole, "tcp://HOST:PORT");
    return {.scheme = tls ? Endpoint::Scheme::tls : Endpoint::Scheme::tcp,
            .path = std::string(base),
            .host = place.host,
            .port = place.port.value_or(tls ? k_usual_tls_port : k_usual_port),
            .tls = tls.value_or(Tls{})};
}

bool is_user_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-+").find(c) != std::string_view::npos;
}

/// The host and the user become arguments of ssh, which hands them on to commands of its configuration.
Endpoint read_ssh(std::string_view rest, std::string_view whole) {
    constexpr std::string_view k_form = "ssh://[USER@]HOST[:PORT][/PATH]";
    if (rest.find_first_of("?#") != std::string_view::npos) {
        refuse(fmt::format("'{}' has a query or a fragment", whole), fmt::format("write '{}'", k_form));
    }
    const auto slash = std::min(rest.find('/'), rest.size());
    std::string_view place = rest.substr(0, slash);
    std::string_view path = rest.substr(slash);
    if (path == "/") {
        path = {};
    }
    std::string_view user;
    if (const auto at = place.rfind('@'); at != std::string_view::npos) {
        user = place.substr(0, at);
        place.remove_prefix(at + 1);
        if (user.find(':') != std::string_view::npos) {
            // The text is not repeated: it has a password in it.
            refuse("an ssh endpoint has a password in it", fmt::format("write '{}' and let ssh find a key", k_form));
        }
        if (user.empty() || user.front() == '-' || !std::all_of(user.begin(), user.end(), is_user_character)) {
            refuse(fmt::format("'{}' in '{}' is no user's name", user, whole), fmt::format("write '{}'", k_form));
        }
    }
    Place read = read_place(place, whole, k_form);
    if (read.host.front() == '-' || read.host.find('%') != std::string::npos) {
        refuse(fmt::format("'{}' in '{}' is no host name", read.host, whole), fmt::format("write '{}'", k_form));
    }
    return {.scheme = Endpoint::Scheme::ssh,
            .path = std::string(path),
            .host = std::move(read.host),
            .port = read.port.value_or(0),
            .user = std::string(user)};
}

}  // namespace

std::string Endpoint::text() const {
    if (scheme == Scheme::unix_socket) {
        return "unix://" + path;
    }
    const std::string shown_host = host.find(':') != std::string::npos ? fmt::format("[{}]", host) : host;
    if (scheme == Scheme::ssh) {
        return fmt::format("ssh://{}{}{}{}{}", user, user.empty() ? "" : "@", shown_host,
                           port == 0 ? "" : fmt::format(":{}", port), path);
    }
    return fmt::format("tcp://{}:{}{}", shown_host, port, path);
}

bool Endpoint::local() const noexcept {
    in_addr address{};  // a name may begin with 127 too
    const bool loopback = host.rfind("127.", 0) == 0 && ::inet_pton(AF_INET, host.c_str(), &address) == 1;
    return scheme == Scheme::unix_socket ||
           (scheme != Scheme::ssh && (host == "localhost" || host == "::1" || loopback));
}

Endpoint parse_endpoint(std::string_view text, const std::optional<Tls>& tls) {
    if (std::any_of(text.begin(), text.end(), is_control)) {
        refuse(fmt::format("endpoint '{}' has a control character", escape_line(text)));
    }
    const auto mark = text.find("://");
    if (mark == std::string_view::npos) {
        return read_tcp(text, text, tls);
    }
    const auto scheme = text.substr(0, mark);
    const auto rest = text.substr(mark + 3);
    if (scheme == "unix") {
        return read_unix(rest);
    }
    if (scheme == "tcp") {
        return read_tcp(rest, text, tls);
    }
    if (scheme == "http") {
        return read_tcp(rest, text, std::nullopt);
    }
    if (scheme == "https") {
        return read_tcp(rest, text, tls.value_or(Tls{}));
    }
    if (scheme == "ssh") {
        return read_ssh(rest, text);
    }
    if (scheme == "npipe") {
        refuse(fmt::format("'{}' is a named pipe of Windows, which there are none of here", text),
               "in WSL, let Docker Desktop integrate this distribution, and use its 'unix:///var/run/docker.sock'");
    }
    if (scheme == "fd") {
        refuse(fmt::format("'{}' is how an engine is told where to listen, and no place to connect to", text),
               "use 'unix:///var/run/docker.sock'");
    }
    refuse(fmt::format("scheme '{}' of '{}' is not supported", scheme, text),
           "use 'unix:///PATH', 'tcp://HOST:PORT' or 'ssh://USER@HOST'");
}

}  // namespace berth::http
