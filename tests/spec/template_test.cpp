// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/spec/template.hpp>

#include <gmock/gmock.h>

#include <random>

namespace berth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const VariableLookup k_variables = [](std::string_view name) -> std::optional<VariableValue> {
    static const std::map<std::string, std::string, std::less<>> k_all = {
        {"A", "1"},       {"_b2", "two"}, {"EMPTY", ""}, {"DOLLAR", "a$b"}, {"TRICK", "${db.port}"},
        {"BRACE", "x}y"}, {"my", "mine"}};
    const auto found = k_all.find(name);
    return found == k_all.end() ? std::nullopt : std::optional(VariableValue{found->second, ".env:4"});
};

struct Case {
    std::string text;
    std::string result;
};

TEST(Templates, ReplaceVariablesAndLeaveTheRest) {
    const Case table[] = {
        {"", ""},
        {"plain", "plain"},
        {"$A", "1"},
        {"${A}", "1"},
        {"x${A}y", "x1y"},
        {"$A$A", "11"},
        {"$_b2.", "two."},
        {"${_b2}", "two"},
        {"$A-x", "1-x"},
        {"$A.b", "1.b"},
        {"$$", "$$"},
        {"$$A", "$$A"},
        {"$$$A", "$$1"},
        {"$$$$", "$$$$"},
        {"$${A}", "$${A}"},
        {"$$${A}", "$$1"},
        {"started$", "started$"},
        {"$", "$"},
        {"$ A", "$ A"},
        {"$1", "$1"},
        {"$(x)", "$(x)"},
        {"a$-b", "a$-b"},
        {"}", "}"},
        {"{A}", "{A}"},
        {"caf\xc3\xa9 ${A} \xe2\x82\xac", "caf\xc3\xa9 1 \xe2\x82\xac"},
        // Defaults
        {"${A:-x}", "1"},
        {"${A-x}", "1"},
        {"${NO:-x}", "x"},
        {"${NO-x}", "x"},
        {"${EMPTY:-x}", "x"},
        {"${EMPTY-x}", ""},
        {"${NO:-}", ""},
        {"${NO-}", ""},
        {"${NO:-a b:c/d}", "a b:c/d"},
        {"${NO:-${A}}", "1"},
        {"${NO:-${NEITHER:-${A}}}", "1"},
        {"${NO:-$A}", "1"},
        {"${NO:-x$$y}", "x$$y"},
        {"${NO:--1}", "-1"},
        {"${NO--1}", "-1"},
        {"${NO:-{}}", "{}"},
        {"${A:-{}}", "1}"},
        {"${my-db.port}", "mine"},
        {"${your-db.port}", "db.port"},
        // Errors that do not come up
        {"${A:?gone}", "1"},
        {"${A?gone}", "1"},
        {"${EMPTY?gone}", ""},
        // Instead
        {"${A:+x}", "x"},
        {"${A+x}", "x"},
        {"${EMPTY:+x}", ""},
        {"${EMPTY+x}", "x"},
        {"${NO:+x}", ""},
        {"${NO+x}", ""},
        {"${A:+${NO:-y}}", "y"},
        // What is not taken is not looked at
        {"${A:-${NO}}", "1"},
        {"${NO:+${NO}}", ""},
        // References stay
        {"${db.port}", "${db.port}"},
        {"x${db.port.5432}y", "x${db.port.5432}y"},
        {"${services.my-db.external.url}", "${services.my-db.external.url}"},
        {"${db.url:-${A}}", "${db.url:-1}"},
        {"${db.url:-x$$y}", "${db.url:-x$$y}"},
        {"${db.url:?needed}", "${db.url:?needed}"},
        {"${db.url:+a${NO:-b}}", "${db.url:+ab}"},
        {"${NO:-${db.port}}", "${db.port}"},
        {"${A}.${db.port}", "1.${db.port}"},
        // What a variable brings is never read again
        {"$DOLLAR", "a$$b"},
        {"${TRICK}", "$${db.port}"},
        {"${NO:-${TRICK}}", "$${db.port}"},
        {"$${TRICK}", "$${TRICK}"},
    };
    for (const auto& [text, result] : table) {
        const auto done = interpolate(text, k_variables);
        EXPECT_EQ(done.text, result) << text;
        EXPECT_THAT(done.mistakes, IsEmpty()) << text;
    }
}

TEST(Templates, SayWhatIsWrongWithThem) {
    constexpr const char* k_escape = "; write '$$' for a literal dollar";
    const std::tuple<std::string, std::string, std::string> table[] = {
        {"${NO}", "BE0401", "variable 'NO' is not set and has no default; write '${NO:-value}' or set it"},
        {"$NO", "BE0401", "variable 'NO' is not set and has no default; write '${NO:-value}' or set it"},
        {"${NO:-${ALSO}}", "BE0401", "variable 'ALSO' is not set and has no default; write '${ALSO:-value}' or set it"},
        {"${EMPTY:?set EMPTY to $A}", "BE0406", "set EMPTY to 1"},
        {"${NO?price in $$}", "BE0406", "price in $"},
        {"${NO:?}", "BE0406", "variable 'NO' is required"},
        {"${", "BE0402", std::string("'${': the '{' is never closed") + k_escape},
        {"${}", "BE0402", std::string("'${}': a name is missing") + k_escape},
        {"${A", "BE0402", std::string("'${A': the '{' is never closed") + k_escape},
        {"${A:-x", "BE0402", std::string("'${A:-x': the '{' is never closed") + k_escape},
        {"${A:-${A}", "BE0402", std::string("'${A:-${A}': the '{' is never closed") + k_escape},
        {"${1A}", "BE0402", std::string("'${1A}': a name starts with a letter or '_'") + k_escape},
        {"${ A}", "BE0402", std::string("'${ A}': a name starts with a letter or '_'") + k_escape},
        {"${A }", "BE0402", std::string("'${A }': ' ' cannot stand in a name") + k_escape},
        {"${A!x}", "BE0402", std::string("'${A!x}': '!' cannot stand in a name") + k_escape},
        {"${caf\xc3\xa9}", "BE0402", std::string("'${caf\xc3\xa9}': '\xc3\xa9' cannot stand in a name") + k_escape},
        {"${A:x}", "BE0402", std::string("'${A:x}': ':' is followed by '-', '?' or '+'") + k_escape},
        {"${A:}", "BE0402", std::string("'${A:}': ':' is followed by '-', '?' or '+'") + k_escape},
        {"${a.}", "BE0402", std::string("'${a.}': a part of the reference is missing behind '.'") + k_escape},
        {"${a..b}", "BE0402", std::string("'${a..b}': a part of the reference is missing behind '.'") + k_escape},
        {"${a.b?x}", "BE0402", std::string("'${a.b?x}': '?' cannot stand in a reference") + k_escape},
        {"${a.b c}", "BE0402", std::string("'${a.b c}': ' ' cannot stand in a reference") + k_escape},
        {"${db.url:-$BRACE}", "BE0402", "'$BRACE': its value contains '}', which would end the reference around it"},
    };
    for (const auto& [text, code, message] : table) {
        const auto done = interpolate(text, k_variables);
        ASSERT_EQ(done.mistakes.size(), 1U) << text;
        EXPECT_EQ(done.mistakes[0].code, code) << text;
        EXPECT_EQ(done.mistakes[0].message, message) << text;
    }
}

TEST(Templates, GoOnBehindAMistakeAndSayWhereItIs) {
    const auto done = interpolate("a${1}b${NO}c${A}", k_variables);

    ASSERT_EQ(done.mistakes.size(), 2U);
    EXPECT_EQ(done.mistakes[0].offset, 1U);
    EXPECT_EQ(done.mistakes[0].length, 4U);
    EXPECT_EQ(done.mistakes[1].offset, 6U);
    EXPECT_EQ(done.mistakes[1].length, 5U);
    EXPECT_EQ(done.text, "abc1");
}

TEST(Templates, TellWhyARequiredVariableIsMissing) {
    EXPECT_EQ(interpolate("${NO:?m}", k_variables).mistakes.at(0).caret, "'NO' is not set");
    EXPECT_EQ(interpolate("${EMPTY:?m}", k_variables).mistakes.at(0).caret, "'EMPTY' is empty");
}

TEST(Templates, TakeUnsetAsEmptyOnRequest) {
    const auto done = interpolate("a${NO}b${OTHER:?m}", k_variables, true);

    EXPECT_EQ(done.text, "ab");
    ASSERT_EQ(done.mistakes.size(), 1U);
    EXPECT_EQ(done.mistakes[0].code, "BE0406");
}

TEST(Templates, RememberWhatCameFromWhere) {
    const auto done = interpolate("p:${A}/${NO:-dd}", k_variables);

    ASSERT_EQ(done.pieces.size(), 2U);
    EXPECT_EQ(done.pieces[0].result_offset, 2U);
    EXPECT_EQ(done.pieces[0].result_length, 1U);
    EXPECT_EQ(done.pieces[0].source_offset, 2U);
    EXPECT_EQ(done.pieces[0].source_length, 4U);
    EXPECT_EQ(done.pieces[0].variable, "A");
    EXPECT_EQ(done.pieces[0].source, ".env:4");
    EXPECT_EQ(done.pieces[1].variable, "NO");
    EXPECT_EQ(done.pieces[1].source, "");
    EXPECT_EQ(done.text.substr(done.pieces[1].result_offset, done.pieces[1].result_length), "dd");
}

TEST(Templates, SurviveAMillionfoldExpansion) {
    const std::string big(1000, 'x');
    const VariableLookup lookup = [&](std::string_view) { return VariableValue{big, ""}; };
    std::string text;
    for (int i = 0; i < 100'000; ++i) {
        text += "${V}";
    }

    const auto done = interpolate(text, lookup);

    EXPECT_LE(done.text.size(), 1024U * 1024U);
    ASSERT_EQ(done.mistakes.size(), 1U);
    EXPECT_EQ(done.mistakes[0].message, "'${V}': the result is larger than 1 MiB");
}

TEST(Templates, SurviveDeepNesting) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) {
        text += "${NO:-";
    }

    const auto done = interpolate(text, k_variables);

    ASSERT_EQ(done.mistakes.size(), 1U);
    EXPECT_EQ(done.mistakes[0].code, "BE0402");
    EXPECT_THAT(done.mistakes[0].message, testing::HasSubstr("braces nest deeper than 64"));
}

TEST(Templates, NeverFailOnAnyBytes) {
    std::mt19937 random(5);
    const std::string alphabet = "${}:-?+.Aab1_ \xc3\xa9";
    for (int i = 0; i < 20'000; ++i) {
        std::string text(random() % 24, ' ');
        for (char& c : text) {
            c = alphabet[random() % alphabet.size()];
        }
        const auto done = interpolate(text, k_variables);
        for (const auto& mistake : done.mistakes) {
            EXPECT_LE(mistake.offset + mistake.length, text.size()) << text;
        }
        if (done.mistakes.empty()) {
            // What is left are references only, and reading them again changes nothing.
            std::vector<TemplateMistake> mistakes;
            for (const auto& reference : references_in(done.text, mistakes)) {
                EXPECT_GE(reference.segments.size(), 2U) << text;
            }
            EXPECT_THAT(mistakes, IsEmpty()) << text << " -> " << done.text;
            EXPECT_EQ(interpolate(done.text, k_variables).text, done.text) << text;
        }
    }
}

TEST(References, ComeInTheirParts) {
    std::vector<TemplateMistake> mistakes;
    const auto all =
        references_in("a $${no.one} ${db.external.port.5432:-x${web.host}}${services.my-db.url}${run.id}", mistakes);

    ASSERT_EQ(all.size(), 4U);
    EXPECT_THAT(all[0].segments, ElementsAre("db", "port", "5432"));
    EXPECT_EQ(all[0].forced, Side::host);
    EXPECT_EQ(all[0].operation, Reference::Operator::or_default);
    EXPECT_EQ(all[0].argument, "x${web.host}");
    EXPECT_EQ(all[0].text, "db.external.port.5432:-x${web.host}");
    EXPECT_EQ(all[0].offset, 13U);
    EXPECT_EQ(all[0].length, 38U);
    EXPECT_THAT(all[1].segments, ElementsAre("web", "host"));
    EXPECT_EQ(all[1].forced, std::nullopt);
    EXPECT_THAT(all[2].segments, ElementsAre("services", "my-db", "url"));
    EXPECT_THAT(all[3].segments, ElementsAre("run", "id"));
    EXPECT_THAT(mistakes, IsEmpty());
}

TEST(References, AreForcedToASideBehindTheServiceOnly) {
    std::vector<TemplateMistake> mistakes;

    EXPECT_EQ(references_in("${services.internal.internal.port}", mistakes).at(0).forced, Side::network);
    EXPECT_THAT(references_in("${services.internal.port}", mistakes).at(0).segments,
                ElementsAre("services", "internal", "port"));
    EXPECT_THAT(references_in("${vars.internal}", mistakes).at(0).segments, ElementsAre("vars", "internal"));
    EXPECT_THAT(references_in("${db.external}", mistakes).at(0).segments, ElementsAre("db", "external"));
}

TEST(References, LeaveNoVariableBehind) {
    std::vector<TemplateMistake> mistakes;

    references_in("echo $HOME", mistakes);

    ASSERT_EQ(mistakes.size(), 1U);
    EXPECT_EQ(mistakes[0].message,
              "'$HOME': variables are replaced where YAML is read, and nowhere else; write '$$' for a literal dollar");
}

std::string resolved(std::string text, Side side = Side::network) {
    return resolve(Text(std::move(text)), side,
                   [](const Reference& reference, Side seen) -> std::optional<std::string> {
                       if (reference.segments == std::vector<std::string>{"db", "port"}) {
                           return seen == Side::host ? "49153" : "5432";
                       }
                       if (reference.segments == std::vector<std::string>{"db", "empty"}) {
                           return "";
                       }
                       if (reference.segments == std::vector<std::string>{"db", "odd"}) {
                           return "${db.port}$$";
                       }
                       return std::nullopt;
                   });
}

TEST(Resolving, ReplacesReferencesOnce) {
    const Case table[] = {{"", ""},
                          {"plain", "plain"},
                          {"db:${db.port}", "db:5432"},
                          {"${db.external.port}", "49153"},
                          {"$$", "$"},
                          {"$${db.port}", "${db.port}"},
                          {"$$$${db.port}", "$${db.port}"},
                          {"started$", "started$"},
                          {"${db.odd}", "${db.port}$$"},
                          {"${db.none:-x}", "x"},
                          {"${db.none:-${db.port}}", "5432"},
                          {"${db.none:-a$$b}", "a$b"},
                          {"${db.empty:-x}", "x"},
                          {"${db.port:-x}", "5432"},
                          {"${db.port:?x}", "5432"},
                          {"${db.port:+yes}", "yes"},
                          {"${db.none:+yes}", ""},
                          {"${db.empty:+yes}", ""},
                          {"${db.empty}", ""}};
    for (const auto& [text, result] : table) {
        EXPECT_EQ(resolved(text), result) << text;
    }
    EXPECT_EQ(resolved("${db.port}", Side::host), "49153");
    EXPECT_EQ(resolved("${db.internal.port}", Side::host), "5432");
}

TEST(Resolving, FailsWithTheReferenceAndItsPlace) {
    const std::tuple<std::string, std::string, std::string> table[] = {
        {"${db.none}", "BE0410", "'${db.none}' stands for nothing that is known here"},
        {"${db.none:?no database}", "BE0406", "no database"},
        {"${db.empty:?}", "BE0406", "'${db.empty}' is required"},
        {"$HOME", "BE0402",
         "'$HOME': variables are replaced where YAML is read, and nowhere else; write '$$' for a literal dollar"},
        {"${", "BE0402", "'${': the '{' is never closed; write '$$' for a literal dollar"}};
    for (const auto& [text, code, summary] : table) {
        try {
            const int line = __LINE__ + 1;
            FAIL() << resolved(text) << line;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << text;
            EXPECT_EQ(error.summary(), summary) << text;
            EXPECT_STREQ(error.facts().origin.file, __FILE__);
        }
    }
}

TEST(Dollars, AreEscapedAndComeBack) {
    EXPECT_EQ(escape_dollars("a$b$$"), "a$$b$$$$");
    EXPECT_EQ(unescape_dollars("a$$b$c$$$"), "a$b$c$$");
    std::mt19937 random(9);
    for (int i = 0; i < 2000; ++i) {
        std::string text(random() % 12, '$');
        for (char& c : text) {
            c = "${A}."[random() % 5];
        }
        EXPECT_EQ(unescape_dollars(escape_dollars(text)), text);
        EXPECT_EQ(resolved(escape_dollars(text)), text);
        EXPECT_EQ(interpolate("${V}",
                              [&](std::string_view) {
                                  return VariableValue{text, ""};
                              })
                      .text,
                  escape_dollars(text));
    }
}

TEST(LookAlikes, AreVariablesThatReadLikeAService) {
    const auto found = variables_like_references("x ${my-db.port} ${other-db.port} ${NO:-${my-db.host}}", {"my-db"});

    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].code, "BW0106");
    EXPECT_EQ(
        found[0].message,
        "'${my-db.port}' is variable 'my' with default 'db.port'; for the service write '${services.my-db.port}'");
    EXPECT_EQ(found[0].offset, 2U);
    EXPECT_EQ(found[1].offset, 39U);
}

}  // namespace
}  // namespace berth
