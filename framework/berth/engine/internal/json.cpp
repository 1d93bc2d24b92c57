// SPDX-License-Identifier: Apache-2.0
#include <berth/core/redaction.hpp>
#include <berth/engine/internal/json.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace berth::engine {
namespace {

// An inspect nests 7 deep. Copying and printing a value recurse, so depth is stack.
constexpr int k_deepest = 64;
constexpr std::size_t k_largest_object = 1 << 20;

[[noreturn]] void nonsense(ErrorFacts about, std::string_view why, std::string_view text, std::string code = "BR0104") {
    about.code = std::move(code);
    about.summary = fmt::format("{}: the engine's answer makes no sense: {}", about.summary, why);
    if (!text.empty()) {
        about.engine = excerpt(text);
    }
    about.hints = {
        "something between Berth and the engine may have changed the answer; 'docker version' shows who is there"};
    throw ExchangeFailed(std::move(about));
}

struct TooDeep {};

const nlohmann::json& of(const void* value) {
    return *static_cast<const nlohmann::json*>(value);
}

std::string step(const std::string& place, std::string_view key) {
    return place.empty() ? std::string(key) : fmt::format("{}.{}", place, key);
}

}  // namespace

struct Json::Document {
    nlohmann::json root{};
    ErrorFacts about{};
};

Json Json::parse(std::string_view text, const ErrorFacts& about) {
    auto document = std::make_shared<Document>();
    document->about = about;
    try {
        const auto shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
            if (depth > k_deepest) {
                throw TooDeep{};
            }
            return true;
        };
        document->root = nlohmann::json::parse(text.begin(), text.end(), shallow);
    } catch (const nlohmann::json::parse_error& error) {
        nonsense(about, fmt::format("no JSON from byte {} on", error.byte), text);
    } catch (const nlohmann::json::exception&) {  // a number too large, for one
        nonsense(about, "no JSON", text);
    } catch (const TooDeep&) {
        nonsense(about, fmt::format("JSON nested deeper than {}", k_deepest), text);
    }
    const void* root = document->root.is_null() ? nullptr : &document->root;
    return Json(std::move(document), root, {});
}

void Json::wrong(std::string_view wanted) const {
    const std::string found = value_ == nullptr ? "absent" : fmt::format("a JSON {}", of(value_).type_name());
    nonsense(document_->about, fmt::format("'{}' is {}, not {}", place_.empty() ? "the whole" : place_, found, wanted),
             {});
}

bool Json::absent() const noexcept {
    return value_ == nullptr;
}

bool Json::is_text() const noexcept {
    return value_ != nullptr && of(value_).is_string();
}

Json Json::at(std::string_view key) const {
    if (value_ == nullptr) {
        return Json(document_, nullptr, step(place_, key));
    }
    if (!of(value_).is_object()) {
        wrong("an object");
    }
    const auto found = of(value_).find(std::string(key));
    const bool here = found != of(value_).end() && !found->is_null();
    return Json(document_, here ? &*found : nullptr, step(place_, key));
}

std::string Json::text() const {
    if (value_ == nullptr) {
        return {};
    }
    if (!of(value_).is_string()) {
        wrong("a string");
    }
    return of(value_).get_ref<const std::string&>();
}

std::string Json::required_text() const {
    std::string result = text();
    if (result.empty()) {
        wrong("a string with something in it");
    }
    return result;
}

bool Json::flag() const {
    if (value_ == nullptr) {
        return false;
    }
    if (!of(value_).is_boolean()) {
        wrong("true or false");
    }
    return of(value_).get<bool>();
}

std::int64_t Json::number(std::int64_t fallback) const {
    if (value_ == nullptr) {
        return fallback;
    }
    const auto& value = of(value_);
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > most)) {
        wrong("a whole number");
    }
    return value.get<std::int64_t>();
}

int Json::small_number(int fallback) const {
    const std::int64_t value = number(fallback);
    if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
        wrong("a number of at most 32 bits");
    }
    return static_cast<int>(value);
}

std::vector<Json> Json::items() const {
    std::vector<Json> result;
    if (value_ == nullptr) {
        return result;
    }
    if (!of(value_).is_array()) {
        wrong("a list");
    }
    for (std::size_t i = 0; i < of(value_).size(); ++i) {
        const auto& item = of(value_)[i];
        result.push_back(Json(document_, item.is_null() ? nullptr : &item, fmt::format("{}[{}]", place_, i)));
    }
    return result;
}

std::vector<std::string> Json::texts() const {
    std::vector<std::string> result;
    for (const auto& item : items()) {
        result.push_back(item.text());
    }
    return result;
}

std::vector<std::pair<std::string, Json>> Json::members() const {
    std::vector<std::pair<std::string, Json>> result;
    if (value_ == nullptr) {
        return result;
    }
    if (!of(value_).is_object()) {
        wrong("an object");
    }
    for (const auto& [key, value] : of(value_).items()) {
        result.emplace_back(key, Json(document_, value.is_null() ? nullptr : &value, step(place_, key)));
    }
    return result;
}

Labels Json::labels() const {
    Labels result;
    for (const auto& [key, value] : members()) {
        result.emplace(key, value.text());
    }
    return result;
}

void JsonSplitter::feed(std::string_view bytes) {
    pending_ += bytes;
}

bool JsonSplitter::next(std::string& object) {
    for (; scanned_ < pending_.size(); ++scanned_) {
        const char c = pending_[scanned_];
        if (depth_ == 0) {
            if (c == '{') {
                pending_.erase(0, scanned_);
                scanned_ = 0;
                depth_ = 1;
            } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\x1e') {  // RS: json-seq
                nonsense(about_, "no JSON object in the stream", std::string_view(pending_).substr(scanned_));
            }
            continue;
        }
        if (in_text_) {
            if (escaped_) {
                escaped_ = false;
            } else if (c == '\\') {
                escaped_ = true;
            } else if (c == '"') {
                in_text_ = false;
            }
        } else if (c == '"') {
            in_text_ = true;
        } else if (c == '{') {
            ++depth_;
        } else if (c == '}' && --depth_ == 0) {
            object = pending_.substr(0, scanned_ + 1);
            pending_.erase(0, scanned_ + 1);
            scanned_ = 0;
            return true;
        }
        if (scanned_ > k_largest_object) {
            nonsense(about_, fmt::format("one object of more than {} bytes", k_largest_object), pending_, "BR0112");
        }
    }
    if (depth_ == 0) {
        pending_.clear();
        scanned_ = 0;
    }
    return false;
}

void JsonSplitter::finish() const {
    if (depth_ != 0) {
        nonsense(about_, "the stream ended in the middle of an object", pending_);
    }
}

std::string excerpt(std::string_view text, std::size_t size) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
        return {};
    }
    text.remove_prefix(first);
    const bool cut = text.size() > size;
    std::string kept(text.substr(0, size));
    if (cut) {  // not in the middle of a character
        while (!kept.empty() && (static_cast<unsigned char>(kept.back()) & 0xC0U) == 0x80U) {
            kept.pop_back();
        }
        if (!kept.empty() && static_cast<unsigned char>(kept.back()) >= 0xC0U) {
            kept.pop_back();
        }
    }
    for (char& c : kept) {
        if (c == '\n' || c == '\r' || c == '\t') {
            c = ' ';
        }
    }
    kept = escape_controls(kept);
    while (!kept.empty() && kept.back() == ' ') {
        kept.pop_back();
    }
    return cut ? kept + "…" : kept;
}

}  // namespace berth::engine
