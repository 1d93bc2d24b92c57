// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/diagnostics.hpp>
#include <berth/spec/codes.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string_view>

namespace berth::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Bytes from the start of the file to a place in it. All lines are views into one text, so their distance tells.
Json offset_of(const SourceTexts& sources, const char* file, int line, int column) {
    const auto first = sources.line(file, 1);
    const auto here = sources.line(file, line);
    if (!first || !here) {
        return nullptr;
    }
    std::size_t at = 0;
    for (int character = 1; character < column && at < here->size(); ++character) {
        ++at;
        while (at < here->size() && (static_cast<unsigned char>((*here)[at]) & 0xc0U) == 0x80U) {
            ++at;
        }
    }
    return static_cast<std::size_t>(here->data() - first->data()) + at;
}

Json position(const SourceTexts& sources, const char* file, int line, int column) {
    Json object;
    object["line"] = line;
    object["column"] = column;
    object["offset"] = offset_of(sources, file, line, column);
    return object;
}

Json range_of(const SourceTexts& sources, const Origin& origin) {
    const bool has_end = origin.end_line > 0;
    Json object;
    object["start"] = position(sources, origin.file, origin.line, origin.column);
    object["end"] = position(sources, origin.file, has_end ? origin.end_line : origin.line,
                             has_end ? origin.end_column : origin.column);
    return object;
}

/// The rules of workflow commands: `%`, CR and LF percent-encoded; in properties `:` and `,` as well.
std::string for_github(std::string_view text, bool property) {
    std::string result;
    for (const char c : text) {
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
            result += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
            result += c;
        }
    }
    return result;
}

}  // namespace

std::string diagnostics_json(const std::vector<Diagnostic>& diagnostics, const SourceTexts& sources) {
    Json array = Json::array();
    for (const auto& each : diagnostics) {
        const Code* code = find_code(each.code);
        Json object;
        object["code"] = each.code;
        object["slug"] = code == nullptr ? Json(nullptr) : Json(code->slug);
        object["severity"] = to_string(each.severity);
        object["message"] = each.caret.empty() ? each.message : each.message + "; " + each.caret;
        object["file"] = each.where.file;
        object["range"] = range_of(sources, each.where);
        object["path"] = each.path;
        object["labels"] = Json::array();
        for (const auto& label : each.labels) {
            Json one;
            one["file"] = label.where.file;
            one["range"] = range_of(sources, label.where);
            one["text"] = label.text;
            object["labels"].push_back(one);
        }
        object["help"] = each.help.empty() ? Json(nullptr) : Json(each.help);
        object["fix"] = nullptr;
        if (each.fix) {
            Json fix;
            fix["range"] = range_of(sources, each.fix->where);
            fix["text"] = each.fix->text;
            object["fix"] = fix;
        }
        array.push_back(object);
    }
    return array.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string diagnostics_github(const std::vector<Diagnostic>& diagnostics) {
    std::string text;
    for (const auto& each : diagnostics) {
        const char* command = each.severity == Severity::error     ? "error"
                              : each.severity == Severity::warning ? "warning"
                                                                   : "notice";
        text += fmt::format("::{} file={}", command, for_github(each.where.file, true));
        if (each.where.line > 0) {
            text += fmt::format(",line={}", each.where.line);
        }
        if (each.where.column > 0) {
            text += fmt::format(",col={}", each.where.column);
        }
        const std::string message = each.caret.empty() ? each.message : each.message + "; " + each.caret;
        text += fmt::format(",title={}::{}\n", for_github(each.code, true), for_github(message, false));
    }
    return text;
}

}  // namespace berth::cli
