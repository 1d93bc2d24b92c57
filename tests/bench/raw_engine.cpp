// SPDX-License-Identifier: Apache-2.0
#include "raw_engine.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace bench {

RawEngine::RawEngine(const std::string& socket) : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.copy(address.sun_path, sizeof address.sun_path - 1);
    if (descriptor_ < 0 || ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::system_error(errno, std::generic_category(), socket);
    }
}

RawEngine::~RawEngine() {
    ::close(descriptor_);
}

void RawEngine::fill() {
    char bytes[16384];
    const ssize_t got = ::recv(descriptor_, bytes, sizeof bytes, 0);
    if (got <= 0) {
        throw std::runtime_error("the engine closed the connection");
    }
    buffer_.append(bytes, static_cast<std::size_t>(got));
}

std::string RawEngine::take(std::size_t size) {
    while (buffer_.size() < size) {
        fill();
    }
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return taken;
}

std::string RawEngine::take_line() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
        fill();
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return line;
}

RawEngine::Answer RawEngine::call(const std::string& method, const std::string& target, const std::string& body) {
    std::string request = method + ' ' + target + " HTTP/1.1\r\nHost: engine\r\n";
    if (method != "GET" && method != "HEAD") {
        request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    if (!body.empty()) {
        request += "Content-Type: application/json\r\n";
    }
    request += "\r\n" + body;
    for (std::size_t sent = 0; sent < request.size();) {
        const ssize_t n = ::send(descriptor_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) {
            throw std::runtime_error("the engine takes no request");
        }
        sent += static_cast<std::size_t>(n);
    }
    Answer answer;
    answer.status = std::stoi(take_line().substr(9));
    std::size_t length = 0;
    bool chunked = false;
    for (std::string line = take_line(); !line.empty(); line = take_line()) {
        std::transform(line.begin(), line.end(), line.begin(),
                       [](unsigned char c) { return static_cast<char>(::tolower(c)); });
        if (line.rfind("content-length: ", 0) == 0) {
            length = std::stoul(line.substr(16));
        }
        chunked = chunked || line == "transfer-encoding: chunked";
    }
    if (method == "HEAD" || answer.status == 204 || answer.status == 304) {
        return answer;
    }
    if (!chunked) {
        answer.body = take(length);
        return answer;
    }
    while (true) {
        const std::size_t size = std::stoul(take_line(), nullptr, 16);
        answer.body += take(size);
        take_line();
        if (size == 0) {
            return answer;
        }
    }
}

}  // namespace bench
