// SPDX-License-Identifier: Apache-2.0
// Every answer of an engine that is read, each through the call that reads it, over a socket as in real life.
//
// An input is a letter for the call, one for the status, one for how the body's end is known, and the body.
#include <berth/archive/tar_reader.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/engine/events.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/system.hpp>
#include <berth/engine/volumes.hpp>
#include <berth/process/descriptor.hpp>
#include <tests/fuzz/fuzz.hpp>
#include <tests/support/request_parser.hpp>
#include <tests/support/sockets.hpp>
#include <tests/support/temp_dir.hpp>

#include <poll.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace berth::fuzz {
namespace {

using namespace std::chrono_literals;

/// For what takes no time at all; long.
constexpr std::chrono::milliseconds k_patience{5000};

/// Asks a registry that is busy no second time, and does not remember that it is.
const PullOptions k_once{.credentials = RegistryCredentials{}, .attempts = 1, .rate_limit_pause = 0ms};

/// One answer to whatever is asked, until it is told another. It lives as long as the program.
class Server {
  public:
    Server() : listener_(support::listen_unix(folder_.file("engine.sock"))), serving_([this] { serve(); }) {}

    [[nodiscard]] std::string endpoint() const { return "unix://" + folder_.file("engine.sock"); }

    void answer(std::string bytes, bool close_after) {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(bytes);
        close_after_ = close_after;
    }

  private:
    struct Peer {
        process::Descriptor socket{};
        support::RequestParser parser{1};
        std::optional<support::Received> request{};
    };

    void serve() {
        std::map<int, Peer> peers;
        for (;;) {
            std::vector<pollfd> watched{{listener_.get(), POLLIN, 0}};
            for (const auto& [number, peer] : peers) {
                watched.push_back({number, POLLIN, 0});
            }
            ::poll(watched.data(), watched.size(), -1);
            for (std::size_t i = 1; i < watched.size(); ++i) {
                if (watched[i].revents != 0 && !talk(peers.at(watched[i].fd))) {
                    peers.erase(watched[i].fd);
                }
            }
            if (watched.front().revents != 0) {
                Peer peer{.socket = support::accept_one(listener_, within(1s))};
                const int number = peer.socket.get();
                peers.insert_or_assign(number, std::move(peer));
            }
        }
    }

    /// @returns false when the connection is over
    bool talk(Peer& peer) {
        const auto bytes = support::receive_some(peer.socket, within(1s));
        if (bytes.empty()) {
            return false;
        }
        peer.parser.feed(bytes);
        for (;;) {
            if (!peer.request) {
                peer.request = peer.parser.take_head();
            }
            if (!peer.request || !peer.parser.take_body(*peer.request)) {
                return true;
            }
            const bool is_head = peer.request->method == "HEAD";
            const bool upgrades = !peer.request->header("Upgrade").empty();
            peer.request.reset();
            const std::lock_guard lock(mutex_);
            const auto size = is_head ? answer_.find("\r\n\r\n") + 4 : answer_.size();
            if (!support::send_all(peer.socket, std::string_view(answer_).substr(0, size), within(1s))) {
                return false;
            }
            if ((close_after_ && !is_head) || upgrades) {
                return false;
            }
        }
    }

    support::TempDir folder_{};
    process::Descriptor listener_;
    std::mutex mutex_{};
    std::string answer_{"HTTP/1.1 200 OK\r\nApi-Version: 1.51\r\nOstype: linux\r\nContent-Length: 0\r\n\r\n"};
    bool close_after_{false};
    std::thread serving_;
};

std::string base64(std::string_view text) {
    constexpr const char* k_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            three = three << 8U | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            result += i + j <= text.size() ? k_letters[three >> (18 - 6 * j) & 63U] : '=';
        }
    }
    return result;
}

struct Bodies {
    std::string bytes{};
    bool close_after{false};
};

Bodies answer_of(char status, char framing, std::string_view body) {
    static const std::map<char, std::string> k_statuses{
        {'1', "201 Created"},      {'0', "204 No Content"},     {'3', "304 Not Modified"}, {'4', "404 Not Found"},
        {'b', "400 Bad Request"},  {'9', "409 Conflict"},       {'f', "403 Forbidden"},    {'u', "101 UPGRADED"},
        {'5', "500 Server Error"}, {'n', "501 Not Implemented"}};
    const auto found = k_statuses.find(status);
    Bodies answer;
    answer.bytes = "HTTP/1.1 " + (found == k_statuses.end() ? "200 OK" : found->second) +
                   "\r\nApi-Version: 1.51\r\nOstype: linux\r\nServer: Docker/28.5.2 (linux)\r\n";
    constexpr std::size_t k_most_in_field = 4096;
    if (body.size() <= k_most_in_field) {
        answer.bytes += "X-Docker-Container-Path-Stat: " + base64(body) + "\r\n";
    }
    if (status == '0' || status == '3') {
        answer.bytes += "\r\n";
    } else if (status == 'u') {
        answer.bytes += "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n" + std::string(body);
        answer.close_after = true;
    } else if (framing == 'c') {
        constexpr std::size_t k_chunk = 7;
        answer.bytes += "Transfer-Encoding: chunked\r\n\r\n";
        for (; !body.empty(); body.remove_prefix(std::min(body.size(), k_chunk))) {
            const auto chunk = body.substr(0, k_chunk);
            answer.bytes += std::to_string(chunk.size()) + "\r\n" + std::string(chunk) + "\r\n";
        }
        answer.bytes += "0\r\n\r\n";
    } else if (framing == 'x') {
        answer.bytes += "\r\n" + std::string(body);
        answer.close_after = true;
    } else {
        answer.bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    }
    return answer;
}

/// A call, given an engine that answers nonsense. What it returns is thrown away: it has come through the reader.
using Call = std::function<void(const Engine& engine, const Deadline& deadline)>;

const std::map<char, Call>& calls() {
    static const ContainerId id{std::string(64, 'a')};
    static const std::map<char, Call> table{
        {'i', [](const Engine& e, const Deadline& d) { e.containers().inspect(id, Sizes::yes, d); }},
        {'l', [](const Engine& e, const Deadline& d) { e.containers().list({}, d); }},
        {'c', [](const Engine& e, const Deadline& d) { e.containers().create("n", {.image = "x"}, d); }},
        {'s', [](const Engine& e, const Deadline& d) { e.containers().start(id, d); }},
        {'S', [](const Engine& e, const Deadline& d) { e.containers().stop(id, {}, d); }},
        {'k', [](const Engine& e, const Deadline& d) { e.containers().kill(id, "SIGKILL", d); }},
        {'u', [](const Engine& e, const Deadline& d) { e.containers().update(id, {}, d); }},
        {'w', [](const Engine& e, const Deadline& d) { e.containers().wait(id, d); }},
        {'t', [](const Engine& e, const Deadline& d) { e.containers().stats(id, d); }},
        {'T',
         [](const Engine& e, const Deadline& d) {
             int left = 3;
             e.containers().follow_stats(
                 id, [&](const ContainerStats&) { return --left > 0; }, d);
         }},
        {'p', [](const Engine& e, const Deadline& d) { e.containers().top(id, {}, d); }},
        {'h', [](const Engine& e, const Deadline& d) { e.containers().changes(id, d); }},
        {'m', [](const Engine& e, const Deadline& d) { e.containers().commit(id, {}, d); }},
        {'r', [](const Engine& e, const Deadline& d) { e.containers().prune({}, d); }},
        {'R', [](const Engine& e, const Deadline& d) { e.containers().remove(id, {}, d); }},
        {'C', [](const Engine& e, const Deadline& d) { e.containers().checkpoints(id, {}, d); }},
        {'o', [](const Engine& e, const Deadline& d) { e.containers().logs(id, {.timestamps = true}, d); }},
        {'x', [](const Engine& e, const Deadline& d) { e.containers().exec(id, {.command = {"a"}}, d); }},
        {'a',
         [](const Engine& e, const Deadline& d) {
             auto streams = e.containers().attach(id, {}, d);
             while (streams.read([](int, std::string_view) {}, d)) {
             }
         }},
        {'f', [](const Engine& e, const Deadline& d) { e.containers().stat(id, "/x", d); }},
        {'g',
         [](const Engine& e, const Deadline& d) {
             e.containers().read_archive(
                 id, "/x", [](const ArchiveSource& tar) { archive::list(tar); }, d);
         }},
        {'I', [](const Engine& e, const Deadline& d) { e.images().find("x", d); }},
        {'L', [](const Engine& e, const Deadline& d) { e.images().list(std::vector<std::string>{}, d); }},
        {'P', [](const Engine& e, const Deadline& d) { e.images().pull("x:1", k_once, d); }},
        {'O',
         [](const Engine& e, const Deadline& d) {
             bool given = false;
             e.images().load([&] { return std::exchange(given, true) ? std::string_view{} : "tar"; }, d);
         }},
        {'D', [](const Engine& e, const Deadline& d) { e.images().remove("x", d); }},
        {'N', [](const Engine& e, const Deadline& d) { e.networks().find("x", d); }},
        {'M', [](const Engine& e, const Deadline& d) { e.networks().list({}, d); }},
        {'K', [](const Engine& e, const Deadline& d) { e.networks().create("x", {}, d); }},
        {'V', [](const Engine& e, const Deadline& d) { e.volumes().find("x", d); }},
        {'W', [](const Engine& e, const Deadline& d) { e.volumes().list({}, d); }},
        {'X', [](const Engine& e, const Deadline& d) { e.volumes().create("x", "local", {}, d); }},
        {'E',
         [](const Engine& e, const Deadline& d) {
             e.events().follow(
                 {.until = 1}, {}, [](const Event&) { return true; }, d);
         }},
        {'y', [](const Engine& e, const Deadline& d) { static_cast<void>(e.system().info(d)); }},
        {'v', [](const Engine& e, const Deadline& d) { static_cast<void>(e.system().version(d)); }},
        {'d', [](const Engine& e, const Deadline& d) { static_cast<void>(e.system().disk_usage(d)); }},
        {'_', [](const Engine& e, const Deadline& d) { static_cast<void>(e.system().ping(d)); }},
    };
    return table;
}

void run(Input& input) {
    static Server& server = *new Server;
    static const Engine& engine = *new Engine(Engine::connect(server.endpoint()));

    auto call = calls().find(static_cast<char>(input.byte()));
    if (call == calls().end()) {
        call = calls().begin();
    }
    const char status = static_cast<char>(input.byte());
    const char framing = static_cast<char>(input.byte());
    auto answer = answer_of(status, framing, input.rest());
    server.answer(std::move(answer.bytes), answer.close_after);
    // What became of a create with an odd answer is asked again and again, as is a removal that is under way: they get
    // little time, and creates, which see to it beyond their deadline, are cancelled.
    constexpr auto k_little = 10ms;
    const bool creates = std::string_view("cKX").find(call->first) != std::string_view::npos;
    const bool asks_again = creates || call->first == 'R';
    std::stop_source cancel;
    std::jthread timer;
    if (creates) {
        timer = std::jthread([&](const std::stop_token& over) {
            std::mutex mutex;
            std::condition_variable_any changed;
            std::unique_lock lock(mutex);
            changed.wait_for(lock, over, k_little, [] { return false; });
            cancel.request_stop();
        });
    }
    const auto deadline = within(asks_again && !creates ? k_little : k_patience, cancel.get_token());
    code_of([&] {
        try {
            call->second(engine, deadline);
        } catch (const Cancelled&) {
            check(creates, "a call that nobody cancelled was");
        }
    });
    timer = {};
    check(asks_again || !deadline.passed(), "an answer makes a call wait that has all there is");
}

}  // namespace
}  // namespace berth::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    berth::fuzz::Input input(data, size);
    berth::fuzz::run(input);
    return 0;
}
