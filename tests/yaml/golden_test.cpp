// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/codes.hpp>
#include <berth/yaml/reader.hpp>
#include <tests/yaml/places.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace berth {
namespace {

namespace fs = std::filesystem;

const fs::path k_errors = fs::path(BERTH_YAML_TESTS) / "errors";

std::vector<std::string> all_cases() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(k_errors)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// What a person sees of the case's input.yaml, and of what is not built yet where asked. A file `arguments` beside it
/// has a word and its value a line: `file`, `overlay`, `profile`, `set`; `look-at files` judges files on disk as well.
std::vector<Diagnostic> findings_of(ReadResult& result, bool not_yet = false) {
    std::vector<std::string> files{"input.yaml"};
    ReadOptions reading{.use_process_environment = false};
    ValidateOptions options;
    options.check_files = false;
    std::ifstream arguments("arguments");
    for (std::string word, value; arguments >> word >> value;) {
        if (word == "file") {
            files.push_back(value);
        } else if (word == "overlay") {
            reading.overlays.push_back(value);
        } else if (word == "profile") {
            options.profiles.push_back(value);
        } else if (word == "set") {
            reading.set[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
        } else {
            options.check_files = word == "look-at";
        }
    }
    result = try_read_spec(files, reading);
    auto found = check_spec(result, options);
    if (not_yet) {
        found.insert(found.end(), result.not_yet.begin(), result.not_yet.end());
    }
    sort_diagnostics(found);
    return found;
}

/// Whether the case is about what is not built yet; elsewhere that only comes and goes.
bool about_not_yet(const std::string& name) {
    return name.rfind("BE0906", 0) == 0;
}

class SpecErrors : public ::testing::TestWithParam<std::string> {};

TEST_P(SpecErrors, AreToldAsExpected) {
    const Inside folder(k_errors / GetParam());
    ReadResult result;

    const auto found = findings_of(result, about_not_yet(GetParam()));
    std::string text = render_text(found, result.sources, Colour::never, 0);
    const std::string here = fs::current_path().string();
    for (auto at = text.find(here); at != std::string::npos; at = text.find(here)) {
        text.replace(at, here.size(), "{here}");
    }

    if (std::getenv("BERTH_UPDATE_GOLDEN") != nullptr) {
        std::ofstream("expected.txt", std::ios::binary) << text;
        FAIL() << "expected.txt is written anew; look at what has changed";
    }
    EXPECT_EQ(text, content_of("expected.txt"));
}

TEST_P(SpecErrors, StandInsideTheirFile) {
    const Inside folder(k_errors / GetParam());
    const std::string text = content_of("input.yaml");
    const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    ReadResult result;

    for (const auto& finding : findings_of(result)) {
        if (finding.where.line == 0 || std::string(finding.where.file) != "input.yaml") {
            continue;
        }
        EXPECT_LE(finding.where.end_line, lines) << finding.message;
        EXPECT_GE(finding.where.column, 1) << finding.message;
        const auto line = result.sources.line("input.yaml", finding.where.line);
        ASSERT_TRUE(line) << finding.message;
        EXPECT_LE(finding.where.column, static_cast<int>(line->size()) + 1) << finding.message;
    }
}

TEST_P(SpecErrors, HaveTheCodeOfTheirFolder) {
    const std::string code = GetParam().substr(0, GetParam().find('-'));
    if (find_code(code) == nullptr) {
        return;  // a case about how several go together
    }
    const Inside folder(k_errors / GetParam());
    ReadResult result;

    const auto found = findings_of(result, about_not_yet(GetParam()));

    EXPECT_TRUE(std::any_of(found.begin(), found.end(), [&](const auto& finding) { return finding.code == code; }));
}

INSTANTIATE_TEST_SUITE_P(All, SpecErrors, ::testing::ValuesIn(all_cases()), [](const auto& parameter) {
    std::string name = parameter.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST(SpecErrorCases, ExistForEveryCodeThatASpecAloneRaises) {
    // Raised elsewhere: with an engine, by a fixture, by an import, by writing, or by a file that is no folder's.
    const std::set<std::string> elsewhere = {"BE0003", "BE0606", "BE0621", "BE0630", "BE0710", "BE0801", "BE0802",
                                             "BE0803", "BE0804", "BE0806", "BE0807", "BE0808", "BN0902", "BW0119"};
    std::set<std::string> tried;
    for (const auto& name : all_cases()) {
        tried.insert(name.substr(0, name.find('-')));
    }

    for (const auto& code : all_codes()) {
        EXPECT_EQ(tried.count(std::string(code.code)) + elsewhere.count(std::string(code.code)), 1U) << code.code;
    }
}

}  // namespace
}  // namespace berth
