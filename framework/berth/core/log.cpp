// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/core/log.hpp>
#include <berth/core/redaction.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>

namespace berth::log {
namespace {

constexpr std::array<std::string_view, 6> k_names = {"trace", "debug", "info", "warn", "error", "off"};

spdlog::level::level_enum to_spdlog(Level level) noexcept {
    switch (level) {
        case Level::trace:
            return spdlog::level::trace;
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
        case Level::off:
            break;
    }
    return spdlog::level::off;
}

Level from_spdlog(spdlog::level::level_enum level) noexcept {
    switch (level) {
        case spdlog::level::trace:
            return Level::trace;
        case spdlog::level::debug:
            return Level::debug;
        case spdlog::level::info:
            return Level::info;
        case spdlog::level::warn:
            return Level::warn;
        default:
            return Level::error;
    }
}

/// Hands each line to a function.
class FunctionSink : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit FunctionSink(std::function<void(Level, std::string_view)> function) : function_(std::move(function)) {}

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        function_(from_spdlog(message.level), std::string_view(message.payload.data(), message.payload.size()));
    }
    void flush_() override {}

  private:
    std::function<void(Level, std::string_view)> function_;
};

void to_stderr(Level level, std::string_view text) {
    const std::string line =
        fmt::format("berth: {}{}\n",
                    level >= Level::warn ? fmt::format("{}: ", k_names[static_cast<std::size_t>(level)]) : "", text);
    // A closed stderr is the caller's wish; there is nowhere left to say so.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

/// Appends to a file of mode 0600 by one write a line.
class FileSink : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit FileSink(const std::string& path)
        : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
        if (descriptor_ < 0) {
            throw Error({.code = "BR0001",
                         .summary = fmt::format("cannot open the log file '{}': {}", path, std::strerror(errno)),
                         .hints = {"name another file with '--log-file'"}});
        }
    }
    FileSink(const FileSink&) = delete;
    FileSink& operator=(const FileSink&) = delete;
    ~FileSink() override { ::close(descriptor_); }

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        // A full disk must not end the run that is being logged.
        [[maybe_unused]] const auto written = ::write(descriptor_, line.data(), line.size());
    }
    void flush_() override {}

  private:
    int descriptor_;
};

struct State {
    std::mutex mutex;
    std::atomic<Level> level{Level::warn};
    std::function<void(Level, std::string_view)> sink{to_stderr};
    std::shared_ptr<spdlog::sinks::sink> file;
    std::shared_ptr<spdlog::logger> logger;

    void rebuild() {
        std::vector<spdlog::sink_ptr> sinks{std::make_shared<FunctionSink>(sink)};
        if (file) {
            sinks.push_back(file);
        }
        auto made = std::make_shared<spdlog::logger>("berth", sinks.begin(), sinks.end());
        made->set_level(spdlog::level::trace);  // enabled() has decided before
        std::atomic_store(&logger, made);
    }
};

State& state() {
    static auto& one = *[] {
        auto* made = new State;  // never destroyed: destructors of static objects log
        made->rebuild();
        return made;
    }();
    return one;
}

void write(Level level, std::string_view text) {
    if (enabled(level)) {
        const auto logger = std::atomic_load(&state().logger);
        logger->log(to_spdlog(level), redact(escape_controls(text)));
    }
}

}  // namespace

void set_level(Level level) noexcept {
    state().level = level;
}

bool enabled(Level level) noexcept {
    return level >= state().level.load() && level != Level::off;
}

void set_sink(std::function<void(Level, std::string_view)> sink) {
    auto& all = state();
    const std::lock_guard lock(all.mutex);
    all.sink = sink ? std::move(sink) : to_stderr;
    all.rebuild();
}

void set_file(const std::string& path) {
    auto& all = state();
    const std::lock_guard lock(all.mutex);
    all.file = std::make_shared<FileSink>(path);
    all.rebuild();
}

bool parse_level(std::string_view name, Level& level) noexcept {
    for (std::size_t i = 0; i < k_names.size(); ++i) {
        if (k_names[i] == name) {
            level = static_cast<Level>(i);
            return true;
        }
    }
    return false;
}

void trace(std::string_view text) {
    write(Level::trace, text);
}
void debug(std::string_view text) {
    write(Level::debug, text);
}
void info(std::string_view text) {
    write(Level::info, text);
}
void warn(std::string_view text) {
    write(Level::warn, text);
}
void error(std::string_view text) {
    write(Level::error, text);
}

}  // namespace berth::log
