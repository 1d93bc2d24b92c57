// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/container_bodies.hpp>
#include <berth/engine/internal/container_errors.hpp>
#include <berth/engine/internal/frames.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <vector>

namespace berth {
namespace {

constexpr std::size_t k_piece = 32 * 1024;
// The exit code is there when the stream ends, or very soon after.
constexpr std::chrono::seconds k_exit_patience{10};
// A child in the background keeps the stream open after the command's own end. Asked about when it is silent for so
// long.
constexpr std::chrono::milliseconds k_first_silence{1000};
constexpr std::chrono::milliseconds k_longest_silence{5000};
constexpr std::chrono::milliseconds k_last_words{200};

/// Keeps the last bytes of an output.
class Tail {
  public:
    explicit Tail(std::size_t most) : most_(most) {}
    void add(std::string_view bytes) {
        text_ += bytes;
        if (text_.size() > 2 * most_) {
            text_.erase(0, text_.size() - most_);
        }
    }
    std::string take() {
        if (text_.size() > most_) {
            text_.erase(0, text_.size() - most_);
        }
        return std::move(text_);
    }

  private:
    std::size_t most_;
    std::string text_;
};

/// The last lines, for a message.
std::string last_lines(std::string_view text) {
    constexpr std::size_t k_most = 1000;
    constexpr int k_lines = 10;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
        text.remove_suffix(1);
    }
    if (text.size() > k_most) {
        text.remove_prefix(text.size() - k_most);
    }
    std::size_t from = text.size();
    for (int line = 0; line < k_lines && from != std::string_view::npos && from != 0; ++line) {
        from = text.rfind('\n', from - 1);
    }
    if (from != std::string_view::npos && from != 0 && from < text.size()) {
        text.remove_prefix(from + 1);
    }
    return std::string(text);
}

/// One run of a command.
class Execution {
  public:
    Execution(const Engine::Wire& wire, const ContainerId& id, const ExecOptions& options, Deadline deadline)
        : wire_(wire),
          options_(options),
          deadline_(std::move(deadline)),
          container_(engine::shown(id.text)),
          command_(engine::shown_command(options)),
          out_(options.keep_output),
          err_(options.keep_output) {
        create(id);
    }

    CommandResult run() {
        engine::Call call = call_for("POST", fmt::format("/exec/{}/start", http::encode_segment(exec_)));
        call.json = engine::start_exec_body(options_.tty);
        call.upgrade = true;
        http::Stream stream = wire_.open(call, {101, 200}, deadline_);
        {
            const std::jthread writer = feed(stream);
            read(call, stream);
            stream.close();
        }
        const int status = exit_code();
        return {status, out_.take(), err_.take()};
    }

    [[noreturn]] void fail(CommandResult result) const {
        constexpr int k_not_executable = 126;
        constexpr int k_not_found = 127;
        ErrorFacts facts;
        facts.code = "BR0307";
        facts.summary =
            fmt::format("command '{}' in container '{}' ended with status {}", command_, container_, result.exit_code);
        const bool not_run = result.exit_code == k_not_executable || result.exit_code == k_not_found;
        const std::string& said = result.standard_error.empty() ? result.standard_output : result.standard_error;
        if (not_run && said.find("exec failed") != std::string::npos) {
            facts.engine = engine::excerpt(said);
            facts.hints = {"the command is taken word by word, and no shell is involved"};
        } else if (!said.empty()) {
            facts.details = {{result.standard_error.empty() ? "stdout" : "stderr", last_lines(said)}};
            facts.hints = {fmt::format("try it by hand: docker exec -it {} sh", container_)};
        } else {
            facts.hints = {fmt::format("it printed nothing; try it by hand: docker exec -it {} sh", container_)};
        }
        throw CommandFailed(result.exit_code, std::move(result.standard_output), std::move(result.standard_error),
                            std::move(facts));
    }

  private:
    [[nodiscard]] engine::Call call_for(std::string method, std::string path) const {
        return {.purpose = fmt::format("cannot run '{}' in container '{}'", command_, container_),
                .method = std::move(method),
                .path = std::move(path)};
    }

    void create(const ContainerId& id) {
        engine::Call call = call_for("POST", fmt::format("/containers/{}/exec", http::encode_segment(id.text)));
        call.json = engine::create_exec_body(options_, wire_.facts().api);
        const auto answer = engine::with_states([&] { return wire_.send(call, {201}, deadline_); });
        exec_ = wire_.json(call, answer.body).at("Id").required_text();
    }

    /// Writes what the command reads, on a thread of its own: it may write before it reads.
    std::jthread feed(http::Stream& stream) {
        if (options_.input.empty() && !options_.attach_stdin && !options_.read_input) {
            return {};
        }
        has_input_ = true;
        return std::jthread([this, &stream](const std::stop_token& ended) {
            try {
                const Deadline until = deadline_.with_stop(ended);
                if (!options_.input.empty()) {
                    stream.write(options_.input, until);
                }
                while (options_.read_input && !ended.stop_requested()) {
                    const std::string more = options_.read_input(ended);
                    if (more.empty()) {
                        break;
                    }
                    stream.write(more, until);
                }
                stream.finish_writing();
            } catch (const Error& error) {
                // A command may end without reading everything. How it ended is for the reader to find out.
                log::debug(fmt::format("exec: the input was not taken to its end: {}", error.summary()));
            } catch (const Cancelled&) {
                log::debug("exec: the command ended before its input");
            }
        });
    }

    void take(int stream, std::string_view bytes) {
        if (options_.on_output) {
            options_.on_output(stream, bytes);
        } else {
            (stream == 2 ? err_ : out_).add(bytes);
        }
    }

    void read(const engine::Call& call, http::Stream& stream) {
        engine::FrameReader frames(wire_.about(call),
                                   [this](int from, std::string_view bytes, bool, bool) { take(from, bytes); });
        std::vector<char> buffer(k_piece);
        std::chrono::milliseconds silence = k_first_silence;
        bool ended = false;  // the command; the stream is still open
        while (true) {
            std::size_t size = 0;
            try {
                size = wire_.read(call, stream, buffer.data(), buffer.size(),
                                  deadline_.sooner(ended ? k_last_words : silence));
            } catch (const TimedOut&) {
                if (deadline_.passed()) {
                    give_up(call);
                }
                if (ended) {
                    return;
                }
                silence = std::min(silence * 2, k_longest_silence);
                ended = ask_exit_code().has_value();
                continue;
            } catch (const http::BrokenExchange&) {
                // An engine that closes with our input unread resets the connection, after all output has come.
                if (has_input_ && ask_exit_code()) {
                    break;
                }
                throw;
            }
            if (size == 0) {
                break;
            }
            silence = k_first_silence;
            const std::string_view bytes(buffer.data(), size);
            if (options_.tty) {
                take(1, bytes);
            } else {
                frames.feed(bytes);
            }
        }
        if (!options_.tty) {
            frames.finish();
        }
    }

    /// Nothing while it runs.
    [[nodiscard]] std::optional<int> ask_exit_code() const {
        const engine::Call call = call_for("GET", fmt::format("/exec/{}/json", http::encode_segment(exec_)));
        try {
            const auto answer = wire_.send(call, {200}, deadline_);
            const engine::Json json = wire_.json(call, answer.body);
            const engine::Json code = json.at("ExitCode");
            if (json.at("Running").flag() || code.absent()) {
                return std::nullopt;
            }
            return code.small_number();
        } catch (NotFound& gone) {
            gone.amend([](ErrorFacts& facts) {
                facts.summary += ": the container was removed while it ran";
                facts.hints = {"look who removes it, for example with 'docker events'"};
            });
            throw;
        }
    }

    [[nodiscard]] int exit_code() const {
        const Deadline patience = deadline_.sooner(k_exit_patience);
        engine::Backoff backoff(std::chrono::milliseconds(2), std::chrono::milliseconds(100));
        while (true) {
            if (const auto code = ask_exit_code()) {
                return *code;
            }
            if (patience.passed()) {
                give_up(call_for("GET", fmt::format("/exec/{}/json", http::encode_segment(exec_))));
            }
            backoff.pause(patience);
        }
    }

    [[noreturn]] void give_up(const engine::Call& call) const {
        ErrorFacts facts = wire_.about(call);
        facts.code = "BR0103";
        facts.summary = fmt::format("command '{}' in container '{}' did not end in time", command_, container_);
        facts.hints = {"it may still run in the container: no engine can end a command alone, only its container"};
        throw TimedOut(std::move(facts));
    }

    const Engine::Wire& wire_;
    const ExecOptions& options_;
    Deadline deadline_;
    std::string container_;
    std::string command_;
    std::string exec_{};
    Tail out_;
    Tail err_;
    bool has_input_{false};
};

}  // namespace

CommandResult Containers::exec(const ContainerId& id, const ExecOptions& options, Deadline deadline) {
    Execution execution(*wire_, id, options, std::move(deadline));
    CommandResult result = execution.run();
    if (result.exit_code != 0 && options.check == Check::yes) {
        execution.fail(std::move(result));
    }
    return result;
}

}  // namespace berth
