// SPDX-License-Identifier: Apache-2.0
#include <tests/support/second_client.hpp>

#include <nlohmann/json.hpp>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace berth::support {
namespace {

constexpr std::string_view k_unix = "unix://";
constexpr std::size_t k_digits_of_an_id = 64;

std::string path_of_engine() {
    const char* host = std::getenv("DOCKER_HOST");
    const std::string_view text = host == nullptr ? "unix:///var/run/docker.sock" : host;
    if (text.substr(0, k_unix.size()) != k_unix) {
        throw std::runtime_error("the second client reads unix sockets only: " + std::string(text));
    }
    return std::string(text.substr(k_unix.size()));
}

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

struct Socket {
    int number{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    Socket() = default;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { ::close(number); }
};

std::string ask(const std::string& path, const std::string& request) {
    const Socket socket;
    const timeval patience{30, 0};
    ::setsockopt(socket.number, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(socket.number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fail("connect to " + path);
    }
    if (::send(socket.number, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
        fail("send to " + path);
    }
    std::string answer;
    char piece[16384];
    for (;;) {
        const ssize_t count = ::recv(socket.number, piece, sizeof piece, 0);
        if (count < 0) {
            fail("receive from " + path);
        }
        if (count == 0) {
            return answer;
        }
        answer.append(piece, static_cast<std::size_t>(count));
    }
}

std::string percent_encoded(const std::string& text) {
    static constexpr char k_hex[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', k_hex[byte >> 4], k_hex[byte & 15]};
        }
    }
    return encoded;
}

std::string filter(const std::string& label) {
    if (label.empty()) {
        return {};
    }
    return "filters=" + percent_encoded(nlohmann::json({{"label", {label}}}).dump());
}

}  // namespace

SecondClient::SecondClient(std::string socket_path) : path_(std::move(socket_path)) {}
SecondClient::SecondClient() : SecondClient(path_of_engine()) {}

std::string SecondClient::get(const std::string& target) const {
    const std::string answer = ask(path_, "GET " + target + " HTTP/1.0\r\nHost: second\r\n\r\n");
    const auto end_of_head = answer.find("\r\n\r\n");
    const auto status = answer.find(" 200 ");
    if (end_of_head == std::string::npos || status == std::string::npos || status > answer.find("\r\n")) {
        throw std::runtime_error("GET " + target + ": " + answer);
    }
    return answer.substr(end_of_head + 4);
}

std::size_t SecondClient::containers(const std::string& label) const {
    return nlohmann::json::parse(get("/containers/json?all=1&" + filter(label))).size();
}

std::size_t SecondClient::networks(const std::string& label) const {
    return nlohmann::json::parse(get("/networks?" + filter(label))).size();
}

std::size_t SecondClient::volumes(const std::string& label) const {
    return nlohmann::json::parse(get("/volumes?" + filter(label))).at("Volumes").size();
}

std::size_t SecondClient::anonymous_volumes() const {
    const auto answer = nlohmann::json::parse(get("/volumes"));
    std::size_t count = 0;
    for (const auto& volume : answer.at("Volumes")) {
        const auto name = volume.at("Name").get<std::string>();
        const bool hexadecimal = name.find_first_not_of("0123456789abcdef") == std::string::npos;
        count += hexadecimal && name.size() == k_digits_of_an_id ? 1U : 0U;
    }
    return count;
}

}  // namespace berth::support
