// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/compose.hpp>
#include <berth/yaml/internal/tree.hpp>
#include <berth/yaml/reader.hpp>
#include <tests/yaml/places.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace berth {
namespace {

namespace fs = std::filesystem;

const fs::path k_compose = fs::path(BERTH_YAML_TESTS) / "compose";

/// Files at the top, and folders with a compose file.
std::vector<std::string> all_cases() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(k_compose)) {
        const bool file = entry.is_regular_file() && entry.path().extension() == ".yaml";
        if (file || (entry.is_directory() && fs::exists(entry.path() / "compose.yaml"))) {
            names.push_back(entry.path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

const ReadOptions k_alone{.set = {}, .use_process_environment = false};

std::string text_of(const std::vector<Diagnostic>& found, const SourceTexts& sources) {
    return render_text(found, sources, Colour::never, 0);
}

std::string short_of(const ComposeImport& made) {
    return render_short(made.diagnostics);
}

class ComposeFiles : public ::testing::TestWithParam<std::string> {};

TEST_P(ComposeFiles, BecomeTheExpectedSpec) {
    const Inside folder(k_compose);
    const std::string expected = "expected/" + fs::path(GetParam()).stem().string() + ".txt";

    const auto made = import_compose({GetParam()}, {}, k_alone);

    if (std::getenv("BERTH_UPDATE_GOLDEN") != nullptr) {
        fs::create_directories("expected");
        std::ofstream(expected, std::ios::binary) << made.yaml;
        FAIL() << expected << " is written anew; look at what has changed";
    }
    ASSERT_FALSE(has_errors(made.diagnostics)) << text_of(made.diagnostics, made.sources);
    EXPECT_EQ(made.yaml, content_of(expected));
}

TEST_P(ComposeFiles, MakeTheSameSpecDirectlyAndByItsText) {
    const Inside folder(k_compose);
    const auto made = import_compose({GetParam()}, {}, k_alone);
    ASSERT_FALSE(has_errors(made.diagnostics)) << text_of(made.diagnostics, made.sources);
    const std::string beside = fs::is_directory(GetParam()) ? GetParam() + "/" : "";

    std::vector<std::string> env_files;
    if (fs::exists(beside + ".env")) {
        env_files.push_back(beside + ".env");
    }

    auto read = try_read_spec_text(made.yaml, beside + "berth.yaml",
                                   {.set = {}, .use_process_environment = false, .env_files = env_files});
    auto direct = try_read_compose({GetParam()}, {}, k_alone);

    EXPECT_FALSE(has_errors(read.diagnostics)) << made.yaml << text_of(read.diagnostics, read.sources);
    EXPECT_FALSE(has_errors(direct.diagnostics)) << text_of(direct.diagnostics, direct.sources);
    read.spec.env_file = {};  // stands for the `.env` that the compose file has by itself
    EXPECT_TRUE(read.spec == direct.spec) << made.yaml;
}

TEST_P(ComposeFiles, StandInsideTheirFiles) {
    const Inside folder(k_compose);

    const auto made = import_compose({GetParam()}, {}, k_alone);

    for (const auto& note : made.diagnostics) {
        ASSERT_GE(note.where.line, 1) << note.message;
        const auto line = made.sources.line(note.where.file, note.where.line);
        ASSERT_TRUE(line) << note.message;
        EXPECT_LE(note.where.column, static_cast<int>(line->size()) + 1) << note.message;
    }
}

TEST_P(ComposeFiles, ComeInByImportAsWell) {
    const Inside folder(k_compose);
    const auto direct = try_read_compose({GetParam()}, {}, k_alone);

    const auto read = try_read_spec_text("import: [{compose: " + GetParam() + "}]\n", "berth.yaml", k_alone);

    EXPECT_FALSE(has_errors(read.diagnostics)) << text_of(read.diagnostics, read.sources);
    EXPECT_EQ(read.spec.services.size(), direct.spec.services.size());
    if (!fs::is_directory(GetParam())) {
        EXPECT_TRUE(read.spec.services == direct.spec.services);
    }
}

INSTANTIATE_TEST_SUITE_P(All, ComposeFiles, ::testing::ValuesIn(all_cases()), [](const auto& parameter) {
    std::string name = parameter.param;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
    return name;
});

std::string form_of(const yaml::Node& node) {
    switch (node.kind) {
        case yaml::Kind::null:
            return "null";
        case yaml::Kind::scalar:
            return "text";
        case yaml::Kind::map:
            return "map";
        case yaml::Kind::list:
            break;
    }
    return std::any_of(node.slots.begin(), node.slots.end(),
                       [](const yaml::Slot& slot) { return slot.value->kind == yaml::Kind::map; })
               ? "maps"
               : "list";
}

/// The services of each file, by key and form: in how many files.
std::map<std::string, std::set<std::string>> forms_in_files() {
    std::map<std::string, std::set<std::string>> files;
    for (const auto& entry : fs::recursive_directory_iterator(k_compose)) {
        if (entry.path().extension() != ".yaml") {
            continue;
        }
        const yaml::Source source(entry.path().string(), content_of(entry.path()));
        const auto tree = yaml::read_tree(source);
        if (tree.root == nullptr) {
            ADD_FAILURE() << entry.path();
            continue;
        }
        const yaml::Slot* services = tree.root->find("services");
        for (const auto& service : services == nullptr ? tree.root->slots : services->value->slots) {
            for (const auto& key : service.value->slots) {
                if (key.key != nullptr) {
                    files[key.key->text + ' ' + form_of(*key.value)].insert(entry.path().string());
                }
            }
        }
    }
    return files;
}

TEST(ComposeServiceKeys, StandInEachFormInTwoFiles) {
    const auto files = forms_in_files();
    std::istringstream lines(content_of(k_compose / "service_keys.txt"));
    int keys = 0;

    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string key;
        words >> key;
        if (key.empty() || key.front() == '#') {
            continue;
        }
        ++keys;
        for (std::string form; words >> form;) {
            const std::string wanted = key + ' ' + form;
            const bool refused = key.front() == '!';
            const auto found = files.find(wanted);
            const std::size_t count = found == files.end() ? 0 : found->second.size();
            if (refused) {
                EXPECT_EQ(count, 0U) << wanted;
            } else {
                EXPECT_GE(count, 2U) << wanted;
            }
        }
    }
    EXPECT_EQ(keys, 92);
}

TEST(ComposeServiceKeys, AreAllKnownOrExplained) {
    std::istringstream lines(content_of(k_compose / "service_keys.txt"));
    for (std::string line; std::getline(lines, line);) {
        const std::string key = line.substr(0, line.find(' '));
        if (key.empty() || key.front() == '#') {
            continue;
        }
        const std::string name = key.front() == '!' ? key.substr(1) : key;

        const auto made =
            import_compose_text("services:\n  a:\n    image: a:1\n    " + name + ": {}\n", "compose.yaml");

        for (const auto& found : made.diagnostics) {
            EXPECT_NE(found.code, "BE0201") << name;
            EXPECT_NE(found.code, "BE0206") << name;
            EXPECT_NE(found.code, "BE0207") << name;
        }
    }
}

TEST(ComposeImport, TakesSixtyFilesAndMore) {
    EXPECT_GE(all_cases().size(), 60U);
}

TEST(ComposeImport, RefusesWhatAPluginProvides) {
    const auto made = import_compose_text(
        "services:\n  db:\n    provider: {type: cloud, options: {size: 1}}\n    image: db:1\n", "compose.yaml");

    EXPECT_EQ(short_of(made),
              "compose.yaml:3:5: error[BE0905]: compose key 'provider' has no equivalent here: no plugin of compose is "
              "run\n");
    EXPECT_EQ(made.yaml, "");
}

TEST(ComposeImport, MakesKeysWithoutEffectErrorsWhenItIsStrict) {
    const auto made = import_compose_text("version: '3'\nservices:\n  a: {image: a:1, attach: false}\n", "compose.yaml",
                                          {.strict = true});

    EXPECT_EQ(short_of(made),
              "compose.yaml:1:1: note[BN0901]: 'version' is read and has no effect here\n"
              "compose.yaml:3:19: error[BE0905]: compose key 'attach' has no equivalent here (strict import)\n");
}

TEST(ComposeImport, SaysWhatMeansSomethingElse) {
    const auto made = import_compose_text(
        "services:\n"
        "  web:\n"
        "    image: web:1\n"
        "    container_name: shop_web\n"
        "    restart: always\n"
        "    ports: ['0.0.0.0:8080:80']\n"
        "    links: ['db:store']\n"
        "    depends_on: [db]\n"
        "  db: {image: 'db:1'}\n"
        "volumes:\n"
        "  data: {name: shop_data}\n",
        "compose.yaml", {.depends_on = ComposeOptions::DependsOn::ready});

    EXPECT_EQ(short_of(made),
              "compose.yaml:2:3: note[BN0920]: 'web' is ready when port 80 accepts connections; compose does not wait "
              "for it\n"
              "compose.yaml:4:21: note[BN0911]: container name 'shop_web' is a network alias of 'web' here\n"
              "compose.yaml:5:14: note[BN0913]: 'restart: always' is not applied: a crash must fail the test\n"
              "compose.yaml:6:14: note[BN0914]: ports are published on loopback; compose takes all interfaces\n"
              "compose.yaml:6:14: note[BN0910]: host port 8080 of 'web' is left to the engine; the engine's choice is "
              "'${web.port.80}'\n"
              "compose.yaml:7:14: note[BN0917]: link 'db:store' is a dependency here, and 'store' an alias for "
              "everybody\n"
              "compose.yaml:8:18: note[BN0915]: 'web' waits until 'db' is ready, not only started\n"
              "compose.yaml:9:3: warning[BW0118]: 'db' has no healthcheck, no port and no 'wait'; ready means only "
              "running\n"
              "compose.yaml:11:3: warning[BW0107]: volume 'data' is never used\n"
              "compose.yaml:11:16: note[BN0912]: volume name 'shop_data' is made unique for each run\n");
}

TEST(ComposeImport, TellsAllMistakesOfAFileAtOnce) {
    const auto made = import_compose_text(
        "services:\n"
        "  web:\n"
        "    imge: web:1\n"
        "    ports: ['99999:80']\n"
        "    mem_limit: much\n"
        "    stop_grace_period: 10\n"
        "    tty: perhaps\n",
        "compose.yaml");

    EXPECT_EQ(
        short_of(made),
        "compose.yaml:3:5: error[BE0201]: unknown key 'imge' in service 'web'; did you mean 'image'?\n"
        "compose.yaml:4:14: error[BE0307]: '99999' is not a port: the largest port is 65535\n"
        "compose.yaml:5:16: error[BE0303]: 'much' is not a size; write for example '512mb' or '2g'\n"
        "compose.yaml:6:24: error[BE0301]: '10' is not a duration; write for example '10s', '500ms', '1m30s'; did "
        "you mean '10s'?\n"
        "compose.yaml:7:10: error[BE0202]: 'tty' must be true or false, this is 'perhaps'\n");
}

TEST(ComposeImport, LooksAtNoFileFromATextAlone) {
    const auto made = import_compose_text("include: [other.yaml]\nservices: {a: {image: 'a:1'}}\n", "compose.yaml");

    EXPECT_EQ(short_of(made),
              "compose.yaml:1:11: error[BE0001]: cannot open 'other.yaml': no such file or directory\n");
}

TEST(ComposeImport, SaysThatATemplateIsNoComposeFile) {
    const auto made = import_compose_text("services:\n  a:\n    image: {{ image }}\n", "compose.yaml");

    EXPECT_EQ(short_of(made),
              "compose.yaml:3:12: error[BE0101]: this looks like a template ('{{ … }}'); render it first\n");
}

TEST(ComposeImport, FindsExtendsThatEndNowhere) {
    const auto made = import_compose_text(
        "services:\n"
        "  a: {image: 'a:1', extends: b}\n"
        "  b: {extends: {service: a}}\n"
        "  c: {image: 'c:1', extends: stroe}\n"
        "  store: {image: 'd:1'}\n",
        "compose.yaml");

    EXPECT_EQ(short_of(made),
              "compose.yaml:3:26: error[BE0511]: 'extends' forms a cycle: a -> b -> a\n"
              "compose.yaml:4:30: error[BE0513]: 'compose.yaml' has no service 'stroe'; did you mean 'store'?\n");
}

TEST(ComposeImport, TakesOnlyWhatWasAskedForAndItsNeeds) {
    ComposeOptions options;
    options.services = {"web"};

    const auto made = import_compose_text(
        "services:\n"
        "  web: {image: 'web:1', depends_on: [db]}\n"
        "  db: {image: 'db:1', network_mode: 'service:net'}\n"
        "  net: {image: 'net:1'}\n"
        "  other: {image: 'other:1'}\n",
        "compose.yaml", options);

    EXPECT_THAT(made.yaml, ::testing::HasSubstr("\n  net:\n"));
    EXPECT_THAT(made.yaml, ::testing::Not(::testing::HasSubstr("other")));
}

TEST(ComposeImport, KeepsHostPortsAndRestartWhenTold) {
    ComposeOptions options;
    options.ports = ComposeOptions::Ports::as_written;
    options.keep_restart = true;

    const auto made = import_compose_text("services:\n  a: {image: 'a:1', restart: always, ports: ['80:80']}\n",
                                          "compose.yaml", options);

    EXPECT_THAT(made.yaml, ::testing::HasSubstr("services:\n  a:\n    image: \"a:1\"\n    restart: always\n    ports: "
                                                "[\"80:80\"]\n"));
}

TEST(ComposeImport, WritesVariablesAsVariables) {
    const auto made = import_compose_text(
        "services:\n  a:\n    image: a:${TAG:-1}\n    environment: {A: $UNSET, B: 'cost $$5', C: \"${X:-${Y}}\"}\n",
        "compose.yaml");

    EXPECT_THAT(made.yaml, ::testing::HasSubstr("services:\n"
                                                "  a:\n"
                                                "    image: a:${TAG:-1}\n"
                                                "    environment:\n"
                                                "      A: ${UNSET:-}\n"
                                                "      B: \"cost $$5\"\n"
                                                "      C: \"${X:-${Y:-}}\"\n"));
}

TEST(ComposeImport, SaysThatAReferenceIsNone) {
    const auto made = import_compose_text("services: {a: {image: 'a:1', hostname: '${db.host}'}}\n", "compose.yaml");

    EXPECT_TRUE(has_errors(made.diagnostics));
    EXPECT_THAT(short_of(made), ::testing::HasSubstr("error[BE0402]"));
}

TEST(ComposeImport, SurvivesAnyBeginningOfItsFiles) {
    for (const char* name : {"anchors.yaml", "ports-forms.yaml", "generation-one.yaml", "secrets.yaml"}) {
        const std::string whole = content_of(k_compose / name);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto made = import_compose_text(whole.substr(0, size), name);
            EXPECT_EQ(made.yaml.empty(), has_errors(made.diagnostics)) << whole.substr(0, size);
        }
    }
}

/// Deterministic, so that what fails fails again.
std::string mutated(std::string text, std::mt19937& random) {
    static const std::vector<std::string> pieces{
        ":",       "- ", "{",   "}",  "[",        "]",     "\n", "  ", "null",    "!reset ", "!override ", "${",
        "${A:-b}", "$",  "&a ", "*a", "services", "image", "\"", "'",  "9999999", "-1",      "ports",      "#"};
    const auto below = [&random](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
    for (auto left = below(4) + 1; left > 0; --left) {
        const std::size_t at = below(text.size() + 1);
        switch (below(3)) {
            case 0:
                text.erase(at, below(12));
                break;
            case 1:
                text.insert(at, pieces[below(pieces.size())]);
                break;
            default:
                text.insert(at, text.substr(below(text.size() + 1), below(60)));
                break;
        }
    }
    return text;
}

TEST_P(ComposeFiles, ChangedAtRandomAreRefusedOrGiveASpecThatReads) {
    const std::string path = GetParam() + (fs::is_directory(k_compose / GetParam()) ? "/compose.yaml" : "");
    const std::string whole = content_of(k_compose / path);
    std::mt19937 random(7);
    constexpr int k_times = 25;
    for (int i = 0; i < k_times; ++i) {
        const std::string text = mutated(whole, random);

        const auto made = import_compose_text(text, "compose.yaml");

        EXPECT_EQ(made.yaml.empty(), has_errors(made.diagnostics)) << text;
        for (const auto& found : made.diagnostics) {
            EXPECT_TRUE(found.where.line == 0 || made.sources.line(found.where.file, found.where.line)) << text;
        }
        const auto read = try_read_spec_text(made.yaml.empty() ? "services: {a: {image: 'a:1'}}\n" : made.yaml,
                                             "berth.yaml", k_alone);
        EXPECT_FALSE(has_errors(read.diagnostics)) << text << "\n======\n"
                                                   << made.yaml << "\n======\n"
                                                   << text_of(read.diagnostics, read.sources);
    }
}

TEST(Import, GoesBelowWhatTheSpecSaysItself) {
    const Inside folder(k_compose);

    const auto read = try_read_spec_text(
        "import: [{compose: blog.yaml}]\nservices:\n  db: {environment: {MARIADB_DATABASE: test}, wait: {port: "
        "3306}}\n",
        "berth.yaml", k_alone);

    EXPECT_FALSE(has_errors(read.diagnostics)) << text_of(read.diagnostics, read.sources);
    const ServiceSpec* db = read.spec.find_service("db");
    ASSERT_NE(db, nullptr);
    EXPECT_EQ(db->image->text, "mariadb:11.4");
    EXPECT_EQ(db->environment->at("MARIADB_DATABASE").text, "test");
    EXPECT_EQ(db->environment->at("MARIADB_ROOT_PASSWORD").text, "secret");
    EXPECT_TRUE(db->wait.given());
}

TEST(Import, SaysWhereAWrongFileWasNamed) {
    const Inside folder(k_compose);

    const auto read = try_read_spec_text("import:\n  - compose: nowhere.yaml\n", "berth.yaml", k_alone);

    EXPECT_EQ(text_of(read.diagnostics, read.sources),
              "error[BE0001]: cannot open 'nowhere.yaml': no such file or directory\n"
              " --> nowhere.yaml\n"
              "  |\n"
              " ::: berth.yaml:2:14\n"
              "  |\n"
              "2 |   - compose: nowhere.yaml\n"
              "  |              ------------ imported here\n"
              "\n"
              "1 error in nowhere.yaml (explain one: 'berth explain BE0001')\n");
}

}  // namespace
}  // namespace berth
