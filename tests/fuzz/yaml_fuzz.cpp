// SPDX-License-Identifier: Apache-2.0
// Specs as text: read, bound, validated, and what is found shown.
#include <berth/yaml/reader.hpp>
#include <tests/fuzz/fuzz.hpp>

#include <algorithm>
#include <cstring>
#include <vector>

namespace berth::fuzz {
namespace {

constexpr const char* k_file = "/nonexistent/spec.yaml";

/// Characters of each line, as places count them: behind a byte order mark, a carriage return before the line feed
/// aside.
class Lines {
  public:
    explicit Lines(std::string_view text) {
        if (text.substr(0, 3) == "\xEF\xBB\xBF") {
            text.remove_prefix(3);
        }
        for (;;) {
            const auto end = text.find('\n');
            const auto line = text.substr(0, end);
            characters_.push_back(static_cast<int>(std::count_if(
                line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; })));
            if (end == std::string_view::npos) {
                return;
            }
            text.remove_prefix(end + 1);
        }
    }

    void check_inside(const Origin& where) const {
        if (std::strcmp(where.file, k_file) != 0) {
            return;  // of an env file, or of nothing
        }
        if (where.line == 0) {
            check(where.column == 0 && where.end_line == 0 && where.end_column == 0, "a place without a line");
            return;
        }
        inside(where.line, where.column);
        if (where.end_line == 0) {
            check(where.end_column == 0, "an end without a line");
            return;
        }
        inside(where.end_line, where.end_column);
        check(where.end_line > where.line || (where.end_line == where.line && where.end_column >= where.column),
              "a place ends before it begins");
    }

  private:
    /// One past the last character is where something is missing; column 0 is the line as a whole.
    void inside(int line, int column) const {
        check(line >= 1 && static_cast<std::size_t>(line) <= characters_.size(), "a line that the file has not");
        check(column >= 0 && column <= characters_[static_cast<std::size_t>(line) - 1] + 1,
              "a column that the line has not");
    }

    std::vector<int> characters_{};
};

void check_finding(const Lines& lines, const Diagnostic& found) {
    check(!found.code.empty() && !found.message.empty(), "a finding without code or message");
    check(found.where.known(), "a finding without a place");
    lines.check_inside(found.where);
    for (const auto& label : found.labels) {
        lines.check_inside(label.where);
    }
    if (found.fix) {
        lines.check_inside(found.fix->where);
    }
}

void run(std::string_view text) {
    ReadOptions options;
    options.use_process_environment = false;
    options.set = {{"SET", "value with ${DOLLAR}"}, {"EMPTY", ""}};
    const ReadResult result = try_read_spec_text(std::string(text), k_file, options);
    ValidateOptions without_files;
    without_files.check_files = false;
    const auto found = check_spec(result, without_files);

    const Lines lines(text);
    for (const auto& list : {found, result.not_yet}) {
        for (const auto& one : list) {
            check_finding(lines, one);
        }
        check_printable(render_text(list, result.sources, Colour::never, 0));
        check_printable(render_short(list));
    }
    for (const auto& service : result.spec.services) {
        lines.check_inside(service.name.origin());
        lines.check_inside(service.image.origin());
        lines.check_inside(service.command.origin());
        lines.check_inside(service.environment.origin());
        for (const auto& port : *service.ports) {
            lines.check_inside(port.origin);
            lines.check_inside(port.target.origin());
        }
    }
}

}  // namespace
}  // namespace berth::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    berth::fuzz::run({reinterpret_cast<const char*>(data), size});
    return 0;
}
