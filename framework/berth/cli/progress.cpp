// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/progress.hpp>
#include <berth/core/redaction.hpp>
#include <berth/core/units.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace berth::cli {
namespace {

constexpr std::chrono::milliseconds k_between_drawings{100};

std::string clean(std::string_view text) {
    std::string one_line = escape_controls(text);
    std::replace(one_line.begin(), one_line.end(), '\n', ' ');
    std::replace(one_line.begin(), one_line.end(), '\t', ' ');
    return one_line;
}

std::string who(const Progress& progress) {
    return progress.service.empty() ? "environment" : clean(progress.service);
}

/// `a1b2c3` of `layer a1b2c3: Downloading`.
std::string layer_of(const std::string& text) {
    constexpr std::string_view k_prefix = "layer ";
    if (text.rfind(k_prefix, 0) != 0) {
        return {};
    }
    return text.substr(k_prefix.size(), text.find(':') - k_prefix.size());
}

bool ends_well(const std::string& text) {
    return text.find("complete") != std::string::npos || text.find("Already exists") != std::string::npos;
}

std::string megabytes(std::uint64_t bytes) {
    return fmt::format("{:.1f}", static_cast<double>(bytes) / 1e6);
}

std::string painted(std::string_view text, const char* sequence, Colour colour) {
    return colour == Colour::always ? fmt::format("\x1b[{}m{}\x1b[0m", sequence, text) : std::string(text);
}

}  // namespace

std::string progress_line(const Progress& progress) {
    const bool whole = progress.phase == "up" || progress.phase == "down";  // the verb itself tells of these
    if (whole || progress.state == Progress::State::moving) {
        return "";
    }
    const std::string text = progress.text.empty() ? "" : ' ' + clean(progress.text);
    const bool waits = progress.phase == "ready";
    if (progress.state == Progress::State::begun) {
        return fmt::format("{}: {}{}", who(progress), waits ? "wait for" : progress.phase, text);
    }
    const std::string after = readable_duration(progress.elapsed);
    if (progress.state == Progress::State::failed) {
        return fmt::format("{}: {}{} failed after {}", who(progress), waits ? "wait for" : progress.phase, text, after);
    }
    // What takes long is worth a line when it is over; so is what everybody waits for.
    if (waits || progress.phase == "pull" || progress.phase == "post_ready") {
        return fmt::format("{}: {} after {}", who(progress), progress.phase == "pull" ? "pulled" : progress.phase,
                           after);
    }
    return "";
}

std::string progress_json(const Progress& progress, std::chrono::milliseconds since_start) {
    constexpr std::array k_states{"begun", "moving", "done", "failed"};
    nlohmann::ordered_json object;
    object["t"] = since_start.count();
    object["service"] = progress.service;
    object["phase"] = progress.phase;
    object["state"] = k_states.at(static_cast<std::size_t>(progress.state));
    if (!progress.unit.empty()) {
        object["current"] = progress.current;
        object["total"] = progress.total;
        object["unit"] = progress.unit;
    }
    if (!progress.text.empty()) {
        object["text"] = clean(progress.text);
    }
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void ProgressBlock::take(const Progress& progress, Clock::time_point now) {
    const std::string service = clean(progress.service);
    if (service.empty()) {
        return;  // the services' lines tell it
    }
    auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.service == service; });
    if (found == rows_.end()) {
        rows_.push_back({.service = service, .phase = {}, .text = {}, .begun = now, .pull_begun = now, .layers = {}});
        found = rows_.end() - 1;
    }
    Row& row = *found;
    if (progress.phase != row.phase) {
        if (row.state == State::ready && progress.phase == "remove") {
            row.begun = now;
        }
        row.phase = progress.phase;
        row.text.clear();
        row.layers.clear();
        row.pull_begun = now;
        row.state = State::working;
    }
    if (const std::string layer = layer_of(progress.text); !layer.empty()) {
        Row::Layer& known = row.layers[layer];
        if (ends_well(progress.text)) {
            known.current = known.total;
        } else if (progress.total > 0 && progress.text.find("Downloading") != std::string::npos) {
            known = {progress.current, progress.total};
        }
    } else if (!progress.text.empty()) {
        row.text = clean(progress.text);
    }
    if (progress.state == Progress::State::failed) {
        row.state = State::failed;
        row.took = now - row.begun;
    } else if (progress.state == Progress::State::done &&
               (progress.phase == "ready" || progress.phase == "post_ready" || progress.phase == "remove")) {
        row.state = State::ready;
        row.took = now - row.begun;
    }
}

std::string ProgressBlock::line_of(const Row& row, std::size_t name_width, std::size_t columns, Clock::time_point now,
                                   Colour colour) {
    const std::string took = readable_duration(row.state == State::working ? now - row.begun : row.took);
    std::string what;
    const char* paint = nullptr;
    if (row.state == State::ready) {
        what = row.phase == "remove" ? "removed" : "ready";
        paint = "32";
    } else if (row.state == State::failed) {
        what = row.phase + " failed";
        paint = "31";
    } else {
        what = row.text.empty() ? row.phase : fmt::format("{} {}", row.phase, row.text);
        std::uint64_t current = 0;
        std::uint64_t total = 0;
        for (const auto& [id, layer] : row.layers) {
            current += layer.current;
            total += layer.total;
        }
        if (total > 0) {
            constexpr std::size_t k_bar = 20;
            const std::size_t full = std::min<std::size_t>(k_bar, current * k_bar / total);
            const double seconds = std::chrono::duration<double>(now - row.pull_begun).count();
            what += fmt::format(" [{}{}] {}/{} MB", std::string(full, '#'), std::string(k_bar - full, '.'),
                                megabytes(current), megabytes(total));
            if (seconds > 0) {
                what += fmt::format(" {:.1f} MB/s", static_cast<double>(current) / 1e6 / seconds);
            }
        }
    }
    const std::string name = row.service + std::string(name_width - display_width(row.service), ' ');
    const std::size_t ends = name.size() - row.service.size() + display_width(row.service) + 2 + took.size();
    // Too narrow for name and time: whatever fits of the name.
    if (ends + 4 > columns) {
        return cut_to(fmt::format("{} {}", row.service, what), columns);
    }
    const std::string cut = cut_to(what, columns - ends - 2);
    const std::string shown = paint == nullptr ? cut : painted(cut, paint, colour);
    return fmt::format("{}  {}  {}", name, shown, painted(took, "2", colour));
}

std::vector<std::string> ProgressBlock::lines(std::size_t columns, std::size_t rows, Clock::time_point now,
                                              Colour colour) const {
    std::vector<const Row*> shown;
    for (const auto& row : rows_) {
        shown.push_back(&row);
    }
    std::size_t hidden = 0;
    if (shown.size() > rows && rows > 0) {
        std::stable_partition(shown.begin(), shown.end(), [](const Row* row) { return row->state != State::ready; });
        hidden = shown.size() - (rows - 1);
        shown.resize(rows - 1);
    }
    std::size_t name_width = 0;
    for (const Row* row : shown) {
        name_width = std::max(name_width, display_width(row->service));
    }
    std::vector<std::string> result;
    for (const Row* row : shown) {
        result.push_back(line_of(*row, name_width, columns, now, colour));
    }
    if (hidden > 0) {
        const auto ready =
            std::count_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.state == State::ready; });
        result.push_back(cut_to(fmt::format("and {} more; {} of {} done", hidden, ready, rows_.size()), columns));
    }
    return result;
}

namespace {

/// Cells of a line without its colour sequences.
std::size_t visible_width(std::string_view line) {
    std::string plain;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\x1b') {
            at = std::min(line.find('m', at), line.size());
        } else {
            plain += line[at];
        }
    }
    return display_width(plain);
}

}  // namespace

std::string redraw(const std::vector<std::string>& drawn, const std::vector<std::string>& lines, std::size_t columns) {
    std::size_t up = 0;
    for (const auto& line : drawn) {
        const std::size_t width = visible_width(line);
        up += width == 0 ? 1 : (width + columns - 1) / columns;
    }
    std::string text;
    if (up > 0) {
        text += fmt::format("\x1b[{}A", up);
    }
    // Each line is written over the old one and only its rest is cleared, so that nothing flickers; what stands below
    // the last one is cleared at the end.
    text += '\r';
    const bool wrapped = up != drawn.size();
    if (wrapped) {
        text += "\x1b[J";
    }
    for (const auto& line : lines) {
        text += line + "\x1b[K\n";
    }
    if (lines.size() < drawn.size() && !wrapped) {
        text += "\x1b[J";
    }
    return text;
}

ProgressDisplay::ProgressDisplay(ProgressStyle style, Colour colour)
    : style_(style), colour_(colour), start_(ProgressBlock::Clock::now()) {
    if (style_ == ProgressStyle::bars) {
        drawer_ = std::jthread([this](const std::stop_token& stop) { keep_drawing(stop); });
    }
}

ProgressDisplay::~ProgressDisplay() {
    finish();
}

void ProgressDisplay::take(const Progress& progress) {
    const auto now = ProgressBlock::Clock::now();
    const std::lock_guard lock(mutex_);
    if (finished_) {
        return;
    }
    switch (style_) {
        case ProgressStyle::bars:
            block_.take(progress, now);
            if (progress.state != Progress::State::moving && !dirty_) {
                dirty_ = true;
                changed_.notify_all();
            }
            return;
        case ProgressStyle::lines:
            if (const std::string line = progress_line(progress); !line.empty()) {
                write_all(STDERR_FILENO, line + '\n');
            }
            return;
        case ProgressStyle::json:
            write_all(
                STDERR_FILENO,
                progress_json(progress, std::chrono::duration_cast<std::chrono::milliseconds>(now - start_)) + '\n');
            return;
        case ProgressStyle::automatic:
        case ProgressStyle::none:
            return;
    }
}

void ProgressDisplay::write_above(std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (style_ == ProgressStyle::bars && !finished_ && !drawn_.empty()) {
        std::string whole = redraw(drawn_, {}, screen_of(STDERR_FILENO).columns);
        drawn_.clear();
        write_all(STDERR_FILENO, whole + std::string(text));
        draw();
        return;
    }
    write_all(STDERR_FILENO, text);
}

void ProgressDisplay::finish() {
    {
        const std::lock_guard lock(mutex_);
        if (finished_) {
            return;
        }
        if (style_ == ProgressStyle::bars) {
            draw();
        }
        finished_ = true;
    }
    if (drawer_.joinable()) {
        drawer_.request_stop();
        drawer_.join();
    }
}

void ProgressDisplay::keep_drawing(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested() && !finished_) {
        dirty_ = false;
        draw();
        // Phase changes show at once, times and bytes at the next tick.
        changed_.wait_for(lock, stop, k_between_drawings, [this] { return dirty_ || finished_; });
    }
}

void ProgressDisplay::draw() {
    const Screen screen = screen_of(STDERR_FILENO);
    const std::size_t columns = std::max<std::size_t>(screen.columns, 2);
    // One column stays free: a line that fills its row may or may not move the cursor on.
    auto lines =
        block_.lines(columns - 1, std::max<std::size_t>(screen.rows, 3) - 1, ProgressBlock::Clock::now(), colour_);
    if (lines == drawn_ && columns == drawn_columns_) {
        return;
    }
    write_all(STDERR_FILENO, redraw(drawn_, lines, columns));
    drawn_ = std::move(lines);
    drawn_columns_ = columns;
}

}  // namespace berth::cli
