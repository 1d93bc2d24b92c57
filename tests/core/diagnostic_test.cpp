// SPDX-License-Identifier: Apache-2.0
#include <berth/core/diagnostic.hpp>
#include <berth/core/redaction.hpp>

#include <gtest/gtest.h>

namespace berth {
namespace {

Diagnostic finding(std::string code, std::string message, Origin where, std::string caret = {}) {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.message = std::move(message);
    diagnostic.where = where;
    diagnostic.caret = std::move(caret);
    return diagnostic;
}

Origin at(int line, int column, int end_column) {
    return {"berth.yaml", line, column, line, end_column};
}

/// `before` empty lines, then `text`.
SourceTexts source(int before, std::string text) {
    SourceTexts sources;
    sources.add("berth.yaml", std::string(static_cast<std::size_t>(before), '\n') + text);
    return sources;
}

TEST(Diagnostics, LookAsTheManualShowsThem) {
    SourceTexts sources;
    sources.add("berth.yaml",
                "\n\n  database:\n\n\n\n\n\n\n\n\n\n\n    enviroment:\n\n\n    ports: [\"${WEB_PORT}:80\"]\n\n"
                "    depends_on: [databse]\n    restart: always\n");
    Diagnostic service = finding("BE0505", "'databse' is not a service; did you mean 'database'?", at(19, 18, 25));
    service.labels.push_back({at(3, 3, 11), "defined here"});
    Diagnostic warning = finding("BW0110", "'restart: always' hides crashes from the test", at(20, 14, 20));
    warning.severity = Severity::warning;
    const std::vector<Diagnostic> all = {
        finding("BE0201", "unknown key 'enviroment' in service 'app'", at(14, 5, 15), "did you mean 'environment'?"),
        finding("BE0307", "'70000' is not a port: the largest port is 65535", at(17, 14, 25),
                "'WEB_PORT' is 70000 (from .env:4)"),
        service, warning};

    EXPECT_EQ(render_text(all, sources),
              "error[BE0201]: unknown key 'enviroment' in service 'app'\n"
              "  --> berth.yaml:14:5\n"
              "   |\n"
              "14 |     enviroment:\n"
              "   |     ^^^^^^^^^^ did you mean 'environment'?\n"
              "\n"
              "error[BE0307]: '70000' is not a port: the largest port is 65535\n"
              "  --> berth.yaml:17:14\n"
              "   |\n"
              "17 |     ports: [\"${WEB_PORT}:80\"]\n"
              "   |              ^^^^^^^^^^^ 'WEB_PORT' is 70000 (from .env:4)\n"
              "\n"
              "error[BE0505]: 'databse' is not a service; did you mean 'database'?\n"
              "  --> berth.yaml:19:18\n"
              "   |\n"
              "19 |     depends_on: [databse]\n"
              "   |                  ^^^^^^^\n"
              "   |\n"
              "  ::: berth.yaml:3:3\n"
              "   |\n"
              " 3 |   database:\n"
              "   |   -------- defined here\n"
              "\n"
              "warning[BW0110]: 'restart: always' hides crashes from the test\n"
              "  --> berth.yaml:20:14\n"
              "   |\n"
              "20 |     restart: always\n"
              "   |              ^^^^^^\n"
              "\n"
              "3 errors, 1 warning in berth.yaml (explain one: 'berth explain BE0201')\n");
}

TEST(Diagnostics, NameAPlaceWhoseTextIsNotKnown) {
    Diagnostic diagnostic = finding("BE0502", "service 'db' needs 'image'", {"tests/shop_test.cpp", 12, 0, 0, 0});
    diagnostic.help = "name one";
    diagnostic.labels.push_back({{"tests/other.cpp", 7, 0, 0, 0}, "first here"});

    EXPECT_EQ(render_text({diagnostic}, SourceTexts{}),
              "error[BE0502]: service 'db' needs 'image'\n"
              "  --> tests/shop_test.cpp:12\n"
              "   |\n"
              "  ::: tests/other.cpp:7: first here\n"
              "   = help: name one\n"
              "\n"
              "1 error in tests/shop_test.cpp (explain one: 'berth explain BE0502')\n");
}

TEST(Diagnostics, HaveNoPlaceWhenTheCommandLineIsWrong) {
    EXPECT_EQ(render_text({finding("BE0505", "'dv' is not a service", {}, "did you mean 'db'?")}, SourceTexts{}),
              "error[BE0505]: 'dv' is not a service\n"
              " = did you mean 'db'?\n"
              "\n"
              "1 error (explain one: 'berth explain BE0505')\n");
}

TEST(Diagnostics, PutTheCaretUnderWideCharactersAndTabs) {
    // Each of the three ideographs takes two cells; the accent that combines takes none; the tab becomes one space.
    EXPECT_EQ(render_text({finding("BE0201", "m", at(1, 8, 11))}, source(0, "\t日本語e\xcc\x81: bad")),
              "error[BE0201]: m\n"
              " --> berth.yaml:1:8\n"
              "  |\n"
              "1 |  日本語e\xcc\x81: bad\n"
              "  |          ^^^\n"
              "\n"
              "1 error in berth.yaml (explain one: 'berth explain BE0201')\n");
    EXPECT_EQ(render_text({finding("BE0201", "m", at(1, 2, 4))}, source(0, "\t日本")),
              "error[BE0201]: m\n"
              " --> berth.yaml:1:2\n"
              "  |\n"
              "1 |  日本\n"
              "  |  ^^^^\n"
              "\n"
              "1 error in berth.yaml (explain one: 'berth explain BE0201')\n");
}

TEST(Diagnostics, CutLongLinesAroundThePlace) {
    const std::string line = std::string(200, 'a') + "BAD" + std::string(200, 'b');

    EXPECT_EQ(render_text({finding("BE0201", "m", at(1, 201, 204))}, source(0, line)),
              "error[BE0201]: m\n"
              " --> berth.yaml:1:201\n"
              "  |\n"
              "1 | …" +
                  std::string(40, 'a') + "BAD" + std::string(77, 'b') +
                  "…\n"
                  "  |  " +
                  std::string(40, ' ') +
                  "^^^\n"
                  "\n"
                  "1 error in berth.yaml (explain one: 'berth explain BE0201')\n");
}

TEST(Diagnostics, MarkTheFirstLineOfSeveral) {
    Diagnostic diagnostic = finding("BE0202", "m", {"berth.yaml", 1, 3, 2, 5});

    EXPECT_EQ(render_text({diagnostic}, source(0, "a: b\r\nc: d\r\n")),
              "error[BE0202]: m\n"
              " --> berth.yaml:1:3\n"
              "  |\n"
              "1 | a: b\n"
              "  |   ^^\n"
              "\n"
              "1 error in berth.yaml (explain one: 'berth explain BE0202')\n");
}

TEST(Diagnostics, StayOnTheirLineAndOffTheTerminal) {
    const auto all = {finding("BE0201", "unknown key 'a\nb\x1b[0m'", at(1, 1, 2), "x\ny")};

    EXPECT_EQ(render_short(all), "berth.yaml:1:1: error[BE0201]: unknown key 'a\\nb\\x1b[0m'; x\\ny\n");
    EXPECT_EQ(render_text(all, source(0, "\x1b]0;t")),
              "error[BE0201]: unknown key 'a\\nb\\x1b[0m'\n"
              " --> berth.yaml:1:1\n"
              "  |\n"
              "1 | \\x1b]0;t\n"
              "  | ^^^^ x\\ny\n"
              "\n"
              "1 error in berth.yaml (explain one: 'berth explain BE0201')\n");
}

TEST(Diagnostics, AreColouredOnRequest) {
    EXPECT_EQ(render_text({finding("BE0201", "m", at(1, 1, 2), "c")}, source(0, "ab"), Colour::always),
              "\x1b[1;31merror[BE0201]\x1b[0m: \x1b[1mm\x1b[0m\n"
              " \x1b[34m-->\x1b[0m berth.yaml:1:1\n"
              "  \x1b[34m|\x1b[0m\n"
              "\x1b[34m1\x1b[0m \x1b[34m|\x1b[0m ab\n"
              "  \x1b[34m|\x1b[0m \x1b[1;31m^\x1b[0m \x1b[1;31mc\x1b[0m\n"
              "\n"
              "1 error in berth.yaml (explain one: 'berth explain BE0201')\n");
}

TEST(Diagnostics, AreCappedAndCounted) {
    std::vector<Diagnostic> many;
    for (int i = 1; i <= 3; ++i) {
        many.push_back(finding("BE0201", "m", {"a.yaml", i, 1, i, 2}));
    }
    many.back().where.file = "b.yaml";

    EXPECT_EQ(render_text(many, SourceTexts{}, Colour::never, 1),
              "error[BE0201]: m\n"
              " --> a.yaml:1:1\n"
              "\n"
              "3 errors in 2 files, 2 not shown ('--max-errors 0' shows all) (explain one: 'berth explain BE0201')\n");
    EXPECT_EQ(render_text({}, SourceTexts{}), "");
}

TEST(Diagnostics, AreSortedByPlaceAndSaidOnce) {
    std::vector<Diagnostic> all = {finding("BE0505", "b", at(3, 1, 2)),
                                   finding("BE0201", "a", at(1, 9, 10)),
                                   finding("BE0505", "c", at(3, 1, 2)),
                                   finding("BE0505", "b", at(3, 1, 2)),
                                   finding("BE0001", "f", {"a.yaml", 9, 1, 9, 2}),
                                   finding("BE0501", "n", {})};

    sort_diagnostics(all);

    EXPECT_EQ(render_short(all),
              "error[BE0501]: n\n"
              "a.yaml:9:1: error[BE0001]: f\n"
              "berth.yaml:1:9: error[BE0201]: a\n"
              "berth.yaml:3:1: error[BE0505]: b\n"
              "berth.yaml:3:1: error[BE0505]: c\n");
}

TEST(Diagnostics, CountAsErrorsOnlyWhenTheyAre) {
    Diagnostic warning = finding("BW0101", "m", {});
    warning.severity = Severity::warning;

    EXPECT_FALSE(has_errors({warning}));
    EXPECT_TRUE(has_errors({warning, finding("BE0201", "m", {})}));
    EXPECT_EQ(to_string(Severity::note), "note");
}

TEST(Diagnostics, HideSecrets) {
    remember_secret("hunter22");

    EXPECT_EQ(render_text({finding("BE0304", "'hunter22' is not a name", at(1, 1, 2))}, source(0, "name: hunter22")),
              "error[BE0304]: '***' is not a name\n"
              " --> berth.yaml:1:1\n"
              "  |\n"
              "1 | name: ***\n"
              "  | ^\n"
              "\n"
              "1 error in berth.yaml (explain one: 'berth explain BE0304')\n");
}

TEST(SourceTexts, GiveLinesWithoutTheirEnds) {
    SourceTexts sources;
    sources.add("f",
                "\xef\xbb\xbf"
                "a\r\nb\n\nd");

    EXPECT_EQ(sources.line("f", 1), "a");
    EXPECT_EQ(sources.line("f", 2), "b");
    EXPECT_EQ(sources.line("f", 3), "");
    EXPECT_EQ(sources.line("f", 4), "d");
    EXPECT_EQ(sources.line("f", 5), std::nullopt);
    EXPECT_EQ(sources.line("f", 0), std::nullopt);
    EXPECT_EQ(sources.line("g", 1), std::nullopt);
}

}  // namespace
}  // namespace berth
