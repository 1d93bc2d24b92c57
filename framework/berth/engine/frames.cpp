// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/frames.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::engine {
namespace {

constexpr int k_out = 1;
constexpr int k_err = 2;
constexpr int k_engine = 3;
// An RFC 3339 time has 30 characters; what goes on beyond this is none.
constexpr std::size_t k_longest_time = 64;

[[noreturn]] void nonsense(ErrorFacts about, std::string_view why) {
    about.code = "BR0104";
    about.summary = fmt::format("{}: {}", about.summary, why);
    about.hints = {"look whether the engine still runs, and into its log"};
    throw ExchangeFailed(std::move(about));
}

}  // namespace

void FrameReader::read_head() {
    constexpr unsigned k_byte = 8;
    if (head_[0] > k_engine || head_[1] != 0 || head_[2] != 0 || head_[3] != 0) {
        nonsense(about_, "the stream is not made of frames");
    }
    stream_ = head_[0] == 0 ? k_out : head_[0];
    left_ = 0;
    for (std::size_t i = 4; i < head_.size(); ++i) {
        left_ = (left_ << k_byte) | head_[i];
    }
    begins_ = true;
}

void FrameReader::feed(std::string_view bytes) {
    constexpr std::size_t k_longest_text = 4096;
    while (!bytes.empty()) {
        if (head_size_ < head_.size()) {
            head_[head_size_++] = static_cast<unsigned char>(bytes.front());
            bytes.remove_prefix(1);
            if (head_size_ == head_.size()) {
                read_head();
                head_size_ = left_ == 0 ? 0 : head_size_;
            }
            continue;
        }
        const auto piece = bytes.substr(0, std::min<std::size_t>(bytes.size(), left_));
        bytes.remove_prefix(piece.size());
        left_ -= static_cast<std::uint32_t>(piece.size());
        const bool ends = left_ == 0;
        if (stream_ == k_engine) {
            engine_text_ += piece.substr(0, k_longest_text - std::min(k_longest_text, engine_text_.size()));
            if (ends) {
                ErrorFacts facts = about_;
                facts.code = "BR0105";
                facts.engine = excerpt(engine_text_, k_longest_text);
                facts.hints = {"the engine's own log may say more ('journalctl -u docker')"};
                throw EngineRefused(std::move(facts));
            }
        } else {
            sink_(stream_, piece, begins_, ends);
        }
        begins_ = false;
        if (ends) {
            head_size_ = 0;
        }
    }
}

void FrameReader::finish() const {
    if (head_size_ != 0) {
        nonsense(about_, "the stream ended in the middle of a frame");
    }
}

bool LineAssembler::feed(LogLine::Stream stream, std::string_view bytes, bool begins, bool ends) {
    Pending& pending = pending_[stream == LogLine::Stream::err ? 1 : 0];
    pending.line.stream = stream;
    if (begins) {
        pending.reading_time = true;
        pending.time.clear();
        pending.frame_text = 0;
    }
    while (wanted_ && !bytes.empty()) {
        if (options_.timestamps && pending.reading_time) {
            const char c = bytes.front();
            if (c != ' ' && c != '\n' && pending.time.size() < k_longest_time) {
                pending.time += c;
                bytes.remove_prefix(1);
                continue;
            }
            if (c == ' ') {
                bytes.remove_prefix(1);
            }
            pending.reading_time = false;
            if (!pending.begun) {
                pending.line.time = pending.time;
            }
            pending.begun = true;
            continue;
        }
        const auto end = bytes.find('\n');
        const auto text = bytes.substr(0, end);
        pending.frame_text += text.size();
        if (!take(pending, text)) {
            return false;
        }
        if (end == std::string_view::npos) {
            break;
        }
        bytes.remove_prefix(end + 1);
        if (options_.tty && !pending.line.text.empty() && pending.line.text.back() == '\r') {
            pending.line.text.pop_back();
        }
        if (!emit(pending)) {
            return false;
        }
        end_line(pending);
    }
    if (wanted_ && ends && pending.begun && pending.frame_text < partial_frame_) {
        emit(pending);
        end_line(pending);
    }
    return wanted_;
}

void LineAssembler::end_line(Pending& pending) {
    pending.reading_time = true;
    pending.time.clear();
    pending.line.time.clear();
    pending.line.continues = false;
    pending.frame_text = 0;
    pending.begun = false;
}

bool LineAssembler::take(Pending& pending, std::string_view bytes) {
    const std::size_t longest = std::max<std::size_t>(options_.longest_line, 1);
    pending.begun = true;
    while (pending.line.text.size() + bytes.size() > longest) {
        const auto room = longest - pending.line.text.size();
        pending.line.text += bytes.substr(0, room);
        bytes.remove_prefix(room);
        if (!emit(pending)) {
            return false;
        }
        pending.line.continues = true;
    }
    pending.line.text += bytes;
    return true;
}

bool LineAssembler::emit(Pending& pending) {
    LogLine line = pending.line;
    pending.line.text.clear();
    wanted_ = sink_(std::move(line));
    return wanted_;
}

bool LineAssembler::finish() {
    for (auto& pending : pending_) {
        if (wanted_ && pending.begun) {
            emit(pending);
            pending.begun = false;
        }
    }
    return wanted_;
}

}  // namespace berth::engine
