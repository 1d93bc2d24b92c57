// SPDX-License-Identifier: Apache-2.0
// Heads, lengths and chunks of an answer, and the heads of requests.
#include <berth/http/client.hpp>
#include <berth/http/endpoint.hpp>
#include <berth/http/internal/body.hpp>
#include <berth/http/internal/head.hpp>
#include <tests/fuzz/fuzz.hpp>

#include <Poco/AutoPtr.h>

#include <algorithm>
#include <cstring>

namespace berth::fuzz {
namespace {

using namespace http::internal;

constexpr std::size_t k_head_limit = 4096;
constexpr std::size_t k_body_limit = 64 * 1024;

/// Bytes in memory, given out as a network would: in pieces.
class MemorySocket : public WireSocket {
  public:
    MemorySocket(std::string_view bytes, std::size_t piece) : WireSocket(-1), left_(bytes), piece_(piece) {}
    int receiveBytes(void* buffer, int length, int /*flags*/) override {
        const auto count = std::min({left_.size(), piece_, static_cast<std::size_t>(length)});
        std::memcpy(buffer, left_.data(), count);
        left_.remove_prefix(count);
        return static_cast<int>(count);
    }
    [[nodiscard]] bool readable() noexcept override { return true; }

  private:
    std::string_view left_;
    std::size_t piece_;
};

struct Answer {
    std::string error{};  ///< The whole text.
    std::string code{};
    http::Head head{};
    Framing framing{};
    std::string body{};
};

Answer read(std::string_view bytes, std::size_t piece, const http::Request& request) {
    Answer answer;
    answer.code = code_of([&] {
        try {
            Connection connection(new MemorySocket(bytes, piece), k_head_limit);
            Progress progress = progress_of(request, http::Endpoint{});
            const auto deadline = Deadline::never();
            const auto parsed = read_head(connection.in, k_head_limit, progress, deadline);
            answer.head = parsed.head;
            answer.framing = framing_of(request, parsed, progress);
            BodyReader body(connection.in, answer.framing, k_head_limit);
            answer.body = body.read_all(k_body_limit, progress, deadline);
            char more = 0;
            check(body.read(&more, 1, progress, deadline) == 0, "a body goes on behind its end");
        } catch (const Error& error) {
            answer.error = error.what();
            throw;
        }
    });
    return answer;
}

/// What was read is what stands there.
void check_body(const Answer& answer, std::string_view bytes) {
    const auto begin = bytes.find("\r\n\r\n");
    check(begin != std::string_view::npos, "a head has no end");
    const auto rest = bytes.substr(begin + 4);
    switch (answer.framing.kind) {
        case Framing::Kind::none:
            check(answer.body.empty(), "an answer without a body has one");
            break;
        case Framing::Kind::length:
            check(answer.body.size() == answer.framing.length, "a body is not as long as its head says");
            check_equal(answer.body, rest.substr(0, answer.body.size()), "a body is not what was sent");
            break;
        case Framing::Kind::chunked:
            check(rest.find("0") != std::string_view::npos, "a chunked body has no last chunk");
            check(answer.body.size() + 5 <= rest.size() + (answer.body.empty() ? 1 : 0),
                  "a chunked body is longer than what was sent");
            break;
        case Framing::Kind::closing:
        case Framing::Kind::raw:
            check_equal(answer.body, rest, "a body is not what was sent");
            break;
    }
    for (const auto& [name, value] : answer.head.headers.all()) {
        check(!name.empty() && name.find_first_of(" \t\r\n:") == std::string::npos, "a field has an odd name");
        check(value.find_first_of("\r\n") == std::string::npos && value.find('\0') == std::string::npos,
              "a field's value goes over its line");
    }
}

void read_answer(Input& input) {
    http::Request request;
    request.method = input.choice(4) == 0 ? "HEAD" : "GET";
    request.upgrade = input.choice(4) == 0;
    const std::size_t piece = 1 + input.choice(16);
    const auto bytes = input.rest();

    const Answer whole = read(bytes, bytes.size() + 1, request);
    if (whole.code.empty()) {
        check_body(whole, bytes);
    }

    const Answer pieces = read(bytes, piece, request);
    if (whole.error.find("more bytes came") != std::string::npos) {
        return;  // What came behind the end in the same read is an error; what comes later is the next call's affair.
    }
    check(whole.code.empty() == pieces.code.empty(), "where the network cuts an answer decides whether it is right");
    check_equal(whole.body, pieces.body, "where the network cuts an answer changes its body");
    check(whole.head.status == pieces.head.status && whole.head.reason == pieces.head.reason &&
              whole.head.headers.all() == pieces.head.headers.all(),
          "where the network cuts an answer changes its head");
}

/// Whatever a caller hands over: either it is refused, or the head has the lines that were meant.
void write_request(Input& input) {
    http::Request request;
    request.method = input.line();
    request.target = input.line();
    request.upgrade = input.choice(2) == 1;
    const std::size_t fields = input.choice(4);
    for (std::size_t i = 0; i < fields; ++i) {
        std::string name(input.line());
        request.headers.add(std::move(name), std::string(input.line()));
    }
    request.body = input.rest();
    std::string head;
    const auto code = code_of([&] { head = write_head(request, http::parse_endpoint("tcp://127.0.0.1:1/base")); });
    if (!code.empty()) {
        check(code == "BR0111", "a request is refused with another code");
        return;
    }
    check(head.size() > 4 && head.find("\r\n\r\n") == head.size() - 4, "a head ends early");
    const bool with_length = !request.body.empty() || (request.method != "GET" && request.method != "HEAD");
    const auto lines = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n'));
    check(lines == 1 + 1 + fields + (request.upgrade ? 2 : 0) + (with_length ? 1 : 0) + 1,
          "a head has lines that nobody asked for");
    check_equal(head.substr(0, head.find('\r')), request.method + " /base" + request.target + " HTTP/1.1",
                "a request line is not what was asked for");
}

}  // namespace
}  // namespace berth::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    berth::fuzz::Input input(data, size);
    if (input.choice(8) == 7) {
        berth::fuzz::write_request(input);
    } else {
        berth::fuzz::read_answer(input);
    }
    return 0;
}
