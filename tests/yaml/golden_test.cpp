// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/codes.hpp>
#include <berth/yaml/reader.hpp>

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

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Files are named as the caller names them: from inside their folder.
class Inside {
  public:
    explicit Inside(const fs::path& folder) : before_(fs::current_path()) { fs::current_path(folder); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { fs::current_path(before_); }

  private:
    fs::path before_;
};

std::vector<std::string> all_cases() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(k_errors)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// What a person sees of the case's input.yaml, what is not built yet included.
std::vector<Diagnostic> findings_of(ReadResult& result) {
    result = try_read_spec("input.yaml", {.use_process_environment = false});
    ValidateOptions options;
    options.check_files = false;
    auto found = check_spec(result, options);
    found.insert(found.end(), result.not_yet.begin(), result.not_yet.end());
    sort_diagnostics(found);
    return found;
}

class SpecErrors : public ::testing::TestWithParam<std::string> {};

TEST_P(SpecErrors, AreToldAsExpected) {
    const Inside folder(k_errors / GetParam());
    ReadResult result;

    const auto found = findings_of(result);
    const std::string text = render_text(found, result.sources, Colour::never, 0);

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

    const auto found = findings_of(result);

    EXPECT_TRUE(std::any_of(found.begin(), found.end(), [&](const auto& finding) { return finding.code == code; }));
}

INSTANTIATE_TEST_SUITE_P(All, SpecErrors, ::testing::ValuesIn(all_cases()), [](const auto& parameter) {
    std::string name = parameter.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST(SpecErrorCases, ExistForEveryCodeThatTheReaderRaises) {
    const std::set<std::string> raised = {
        "BE0002", "BE0101", "BE0102", "BE0103", "BE0104", "BE0105", "BE0106", "BE0107", "BE0108", "BE0109",
        "BE0110", "BE0201", "BE0202", "BE0203", "BE0205", "BE0206", "BE0207", "BE0208", "BE0210", "BE0301",
        "BE0303", "BE0304", "BE0306", "BE0307", "BE0308", "BE0312", "BE0313", "BE0314", "BE0315", "BE0401",
        "BE0402", "BE0406", "BE0416", "BE0417", "BE0705", "BE0906", "BW0102", "BW0120"};
    std::set<std::string> tried;
    for (const auto& name : all_cases()) {
        tried.insert(name.substr(0, name.find('-')));
    }

    for (const auto& code : raised) {
        EXPECT_EQ(tried.count(code), 1U) << code;
        EXPECT_NE(find_code(code), nullptr) << code;
    }
}

}  // namespace
}  // namespace berth
