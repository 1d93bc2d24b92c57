// SPDX-License-Identifier: Apache-2.0
// Variables and references in texts, and .env files.
#include <berth/spec/env_file.hpp>
#include <berth/spec/template.hpp>
#include <tests/fuzz/fuzz.hpp>

#include <algorithm>

namespace berth::fuzz {
namespace {

std::optional<VariableValue> variable(std::string_view name) {
    if (name == "SET") {
        return VariableValue{"a ${b.port} $$ value", "the environment"};
    }
    if (name == "EMPTY") {
        return VariableValue{"", ".env:1"};
    }
    return std::nullopt;
}

std::optional<std::string> reference(const Reference& asked, Side side) {
    if (asked.segments.size() > 3 || asked.text.size() % 3 == 0) {
        return std::nullopt;
    }
    return side == Side::host ? "127.0.0.1 ${not.again}" : "";
}

void check_mistakes(const std::vector<TemplateMistake>& mistakes, std::string_view text) {
    for (const auto& mistake : mistakes) {
        check(!mistake.code.empty() && !mistake.message.empty(), "a mistake without code or message");
        check(mistake.offset <= text.size() && mistake.length <= text.size() - mistake.offset,
              "a mistake lies outside of its text");
    }
}

void read_template(std::string_view text, bool unset_is_empty) {
    const Interpolation result = interpolate(text, variable, unset_is_empty);
    check_mistakes(result.mistakes, text);
    std::size_t behind = 0;
    for (const auto& piece : result.pieces) {
        check(piece.source_offset <= text.size() && piece.source_length <= text.size() - piece.source_offset,
              "a variable lies outside of its text");
        check(piece.result_offset >= behind && piece.result_offset <= result.text.size() &&
                  piece.result_length <= result.text.size() - piece.result_offset,
              "a variable's value lies outside of the result");
        behind = piece.result_offset + piece.result_length;
        check(text[piece.source_offset] == '$', "a variable does not begin with a dollar");
        if (!piece.source.empty()) {
            std::vector<TemplateMistake> none;
            check(references_in(result.text.substr(piece.result_offset, piece.result_length), none).empty(),
                  "a variable's value brought a reference");
        }
    }

    std::vector<TemplateMistake> mistakes;
    for (const auto& found : references_in(result.text, mistakes)) {
        check(found.offset <= result.text.size() && found.length <= result.text.size() - found.offset &&
                  found.length >= 3,
              "a reference lies outside of its text");
        const auto written = std::string_view(result.text).substr(found.offset, found.length);
        check_equal(written, "${" + found.text + "}", "a reference is not what stands there");
        check(!found.segments.empty(), "a reference of nothing");
    }
    check_mistakes(mistakes, result.text);
    check_mistakes(variables_like_references(text, {"db", "my-db"}), text);

    if (result.mistakes.empty() && mistakes.empty()) {
        for (const auto side : {Side::host, Side::network}) {
            code_of([&] { static_cast<void>(resolve(Text(result.text, Origin{}), side, reference)); });
        }
    }
    const std::string literal = escape_dollars(text);
    check_equal(unescape_dollars(literal), text, "a literal text does not come back");
    check_equal(interpolate(literal, variable).text, literal, "a literal text has variables");
    check_equal(resolve(Text(literal, Origin{}), Side::host, reference), text, "a literal text has references");
}

void read_env_file(std::string_view text) {
    const auto contents = parse_env_file(text, "fuzz.env", variable);
    const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const auto& one : contents.variables) {
        check(!one.name.empty() && one.line >= 1 && one.line <= lines, "a variable stands outside of its file");
    }
    for (const auto& found : contents.diagnostics) {
        check(found.where.line >= 1 && found.where.line <= lines, "a mistake stands outside of its file");
        check(!found.code.empty() && !found.message.empty(), "a mistake without code or message");
    }
    check_printable(render_short(contents.diagnostics));
}

}  // namespace
}  // namespace berth::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    berth::fuzz::Input input(data, size);
    const auto what = input.choice(4);
    if (what == 3) {
        berth::fuzz::read_env_file(input.rest());
    } else {
        berth::fuzz::read_template(input.rest(), what == 2);
    }
    return 0;
}
