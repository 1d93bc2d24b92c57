// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/codes.hpp>
#include <berth/spec/field_table.hpp>
#include <berth/yaml/reader.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

// Each row of the field table that is built, tried with its own example, a misspelt key, a wrong kind and nothing.

namespace berth {
namespace {

const ReadOptions k_alone{.use_process_environment = false};

/// Where the keys of an owner stand in a file: what comes before a pair of one of them, and behind it.
struct Frame {
    std::string before;
    std::string behind;
};

Frame frame_of(std::string_view owner) {
    const std::string head = "services:\n  db: {image: 'postgres:16'}\n  app: {image: 'nginx:1'";
    static const std::map<std::string_view, std::pair<std::string, std::string>> in_service = {
        {"Service", {"", ""}},
        {"Port", {"ports: [{target: 80, ", "}]"}},
        {"DependsOn", {"depends_on: {db: {", "}}"}},
        {"NetworkAttach", {"networks: {front: {", "}}"}},
        {"Mount", {"volumes: [{type: volume, source: data, target: /data, ", "}]"}},
        {"Ulimit", {"ulimits: {nofile: {soft: 1, hard: 1, ", "}}"}},
        {"Wait", {"wait: {", "}"}},
        {"WaitPort", {"wait: {port: {", "}}"}},
        {"WaitHttp", {"wait: {http: {", "}}"}},
        {"WaitLog", {"wait: {log: {", "}}"}},
        {"WaitExec", {"wait: {exec: {command: a, ", "}}"}},
        {"WaitHealth", {"wait: {healthcheck: {", "}}"}},
        {"WaitExit", {"wait: {exit: {", "}}"}},
        {"Healthcheck", {"healthcheck: {", "}"}},
        {"Step", {"post_ready: [{exec: a, ", "}]"}},
        {"Copy", {"copy: [{to: /a, content: b, ", "}]"}},
        {"Artifact", {"artifacts: [{path: /a, ", "}]"}},
        {"Hook", {"pre_start: [{command: a, ", "}]"}},
        {"StepHttp", {"reset: [{http: {", "}}]"}},
        {"Reuse", {"reuse: {", "}"}},
        {"Build", {"build: {", "}"}},
        {"SecretRef", {"secrets: [{source: token, ", "}]"}},
        {"ConfigRef", {"configs: [{source: motd, ", "}]"}},
        {"Extends", {"extends: {service: db, ", "}"}},
        {"Logging", {"logging: {", "}"}},
        {"Deploy", {"deploy: {", "}"}},
        {"Resources", {"deploy: {resources: {", "}}"}},
        {"ResourceAmounts", {"deploy: {resources: {limits: {", "}}}"}},
        {"DeviceReservation", {"gpus: [{", "}]"}},
        {"UserSetup", {"user: {", "}"}},
        {"BindOptions", {"volumes: [{type: bind, source: ./a, target: /data, bind: {", "}}]"}},
        {"VolumeOptions", {"volumes: [{type: volume, source: data, target: /data, volume: {", "}}]"}},
        {"TmpfsOptions", {"volumes: [{type: tmpfs, target: /data, tmpfs: {", "}}]"}},
        {"HttpAuth", {"wait: {http: {auth: {", "}}}"}},
        {"HttpTls", {"wait: {http: {tls: {", "}}}"}},
    };
    static const std::map<std::string_view, std::string> in_root = {
        {"Network", "networks: {front: {"},
        {"Volume", "volumes: {data: {"},
        {"EnvFile", "env_file: [{path: .env, required: false, "},
        {"Timeouts", "timeouts: {"},
        {"Isolation", "isolation: {"},
        {"ArtifactsRoot", "artifacts: {"},
        {"Run", "run: {"},
        {"Defaults", "defaults: {"},
        {"Images", "images: {"},
        {"Secret", "secrets: {token: {"},
        {"Config", "configs: {motd: {"},
        {"Generate", "secrets: {token: {generate: {"},
        {"Include", "include: [{path: none.yaml, "},
        {"Import", "import: [{compose: none.yaml, "},
        {"Matrix", "matrix: {"},
        {"Fault", "faults: {freeze: {kind: pause, service: db, "},
        {"Ipam", "networks: {front: {ipam: {"},
        {"IpamPool", "networks: {front: {ipam: {config: [{"},
    };
    if (const auto found = in_service.find(owner); found != in_service.end()) {
        return {head + ", " + found->second.first, found->second.second + "}\n"};
    }
    if (const auto found = in_root.find(owner); found != in_root.end()) {
        std::string close;
        for (const char c : found->second) {
            if (c == '{' || c == '[') {
                close.insert(0, 1, c == '{' ? '}' : ']');
            } else if (c == '}' || c == ']') {
                close.erase(0, 1);
            }
        }
        return {head + "}\n" + found->second, close + "\n"};
    }
    return {head + "}\n", "\n"};
}

/// The frame around one pair. A key that the frame has already is taken out of it.
std::string file_with(std::string_view owner, const std::string& key, const std::string& value) {
    Frame frame = frame_of(owner);
    constexpr std::string_view k_action = "exec: a, ";
    const bool action = key == "host" || key == "http" || key == "copy" || key == "container";
    if (const auto at = frame.before.rfind(k_action); owner == "Step" && action) {
        frame.before.erase(at, k_action.size());
    }
    if (owner == "Root" && key == "services") {
        return key + ": " + value + "\n";
    }
    for (const std::string end : {", ", "}"}) {
        const auto at = frame.before.rfind(key + ": ");
        const bool own = at != std::string::npos && (frame.before[at - 1] == ' ' || frame.before[at - 1] == '{') &&
                         frame.before.find('{', at) == std::string::npos;
        if (own) {
            const auto stop = frame.before.find(", ", at);
            frame.before.erase(at, stop - at + 2);
        }
        if (end == ", ") {
            break;
        }
    }
    return frame.before + key + ": " + value + frame.behind;
}

struct Row {
    std::string_view owner;
    FieldRow row;
};

std::vector<Row> built_rows() {
    std::vector<Row> rows;
    for (const auto& owner : field_owners()) {
        for (const auto& row : owner.rows) {
            rows.push_back({owner.name, row});
        }
    }
    return rows;
}

bool reports(const ReadResult& result, std::initializer_list<std::string_view> codes) {
    return std::any_of(result.diagnostics.begin(), result.diagnostics.end(), [&](const Diagnostic& found) {
        return std::find(codes.begin(), codes.end(), found.code) != codes.end();
    });
}

class BuiltRows : public ::testing::TestWithParam<Row> {
  protected:
    [[nodiscard]] std::string key() const { return std::string(GetParam().row.key); }
    [[nodiscard]] ReadResult read(const std::string& name, const std::string& value) const {
        text_ = file_with(GetParam().owner, name, value);
        return try_read_spec_text(text_, "spec.yaml", k_alone);
    }
    mutable std::string text_;
};

TEST_P(BuiltRows, TakeTheirExample) {
    const auto result = read(key(), std::string(GetParam().row.example));

    // Some examples name files that are not there; everything else must be without a word.
    const bool about_files = reports(result, {"BE0001", "BE0417"});
    EXPECT_TRUE(result.diagnostics.empty() || about_files) << text_ << render_short(result.diagnostics);
    const bool gone = GetParam().owner == "Extends" || GetParam().owner == "Include" || key() == "extends" ||
                      key() == "include" || GetParam().owner == "Defaults";
    EXPECT_TRUE(GetParam().row.runs || gone || !result.not_yet.empty()) << text_;
}

TEST_P(BuiltRows, AreNotMistakenForAMisspeltKey) {
    const std::string misspelt = key() + "qz";

    const auto result = read(misspelt, std::string(GetParam().row.example));

    EXPECT_TRUE(reports(result, {"BE0201"})) << text_ << render_short(result.diagnostics);
    for (const auto& found : result.diagnostics) {
        if (found.code == "BE0201") {
            const auto line = result.sources.line("spec.yaml", found.where.line);
            ASSERT_TRUE(line);
            EXPECT_EQ(line->substr(static_cast<std::size_t>(found.where.column) - 1, misspelt.size()), misspelt);
        }
    }
}

TEST_P(BuiltRows, RefuseAWrongKind) {
    const std::string_view type = GetParam().row.type;
    // Where a list of mappings, a mapping and a text are all fine, a list in a list is not.
    for (const std::string value : {"[[a]]", "{qz: {qz: [qz]}}"}) {
        const bool map_of_anything =
            type.substr(0, 2) == "kv" || type.substr(0, 4) == "map:" || type.substr(0, 11) == "map-or-list";
        const bool takes_anything = type == "any" || type == "list:any" || (type == "map:any" && value.front() == '{');

        const auto result = read(key(), value);

        EXPECT_TRUE(has_errors(result.diagnostics) || takes_anything)
            << text_ << (map_of_anything ? " (a mapping)" : "");
    }
}

TEST_P(BuiltRows, RefuseAWrongValueWithACodeOfTheirs) {
    static const std::map<std::string_view, std::string> wrong = {
        {"duration", "soon"},    {"size", "much"},         {"bool", "yes"},
        {"mode", "rwx"},         {"http-status", "abc"},   {"exit-code", "999"},
        {"host-name", "a_b"},    {"project-name", "A B"},  {"platform", "amd64"},
        {"owner", "root"},       {"ip", "localhost"},      {"list:Port", "[80x]"},
        {"port", "80x"},         {"port-or-auto", "80x"},  {"list:port", "[80x]"},
        {"list:name", "[' a']"}, {"int>=1", "0"},          {"int>=0", "-1"},
        {"int>=-1", "-2"},       {"number>=0", "-1"},      {"kv-variables", "{1A: b}"},
        {"kv-hosts", "{a: b}"},  {"name", "' a'"},         {"list:ip", "[here]"},
        {"mac-address", "aa"},   {"cpuset", "all"},        {"cidr", "10.9.0.0"},
        {"size | -1", "-2"},     {"number 0..100", "101"}, {"port-or-name", "0"},
        {"gpus", "some"},        {"int 0..100", "101"},    {"int -1000..1000", "1001"},
    };
    const FieldRow& row = GetParam().row;
    const auto found = wrong.find(row.type);
    const bool word = row.type.substr(0, 5) == "enum:";
    if (found == wrong.end() && !word) {
        return;  // any text will do, or what is wrong is judged with the whole spec
    }

    const auto result = read(key(), word ? "qzqzqz" : found->second);

    ASSERT_FALSE(result.diagnostics.empty()) << text_;
    for (const auto& one : result.diagnostics) {
        const bool no_such_file = one.code == "BE0001";
        EXPECT_TRUE(no_such_file || row.codes.find(one.code) != std::string_view::npos)
            << text_ << one.code << " is not in: " << row.codes;
    }
}

INSTANTIATE_TEST_SUITE_P(All, BuiltRows, ::testing::ValuesIn(built_rows()), [](const auto& parameter) {
    return std::string(parameter.param.owner) + '_' + std::string(parameter.param.row.key);
});

}  // namespace
}  // namespace berth
