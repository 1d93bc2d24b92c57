// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What a command line says, as plain values: the argument parser writes them, the verbs read them.
namespace berth::cli {

enum class Verb { up, down, run, ps, port, env, logs, exec, validate, plan, import_compose, doctor, version };

enum class When { automatic, always, never };
enum class ProgressStyle { automatic, bars, lines, json, none };

/// Options that every verb takes.
struct GlobalOptions {
    std::vector<std::string> files{};
    std::vector<std::string> compose{};
    bool keep_restart{false};
    std::optional<std::string> project{};
    std::string engine{};
    bool insecure{false};            ///< Plain tcp, and TLS that verifies nobody, to other machines too.
    std::vector<std::string> set{};  ///< `K=V`.
    std::vector<std::string> env_files{};
    std::vector<std::string> profiles{};
    std::vector<std::string> overlays{};
    std::optional<std::chrono::nanoseconds> timeout{};
    int parallel{0};
    When publish{When::automatic};
    std::string log_level{"warn"};
    std::string log_file{};
    When color{When::automatic};
    ProgressStyle progress{ProgressStyle::automatic};
    bool quiet{false};
    std::size_t max_errors{50};
    bool werror{false};
    /// For each option that was given: its value and where it came from (`--engine`, `BERTH_ENGINE`), by its name
    /// without dashes.
    struct Source {
        std::string value{};
        std::string from{};
    };
    std::map<std::string, Source> sources{};
};

enum class Print { none, env, json };
enum class KeepWhat { never, on_failure, always };
enum class Format { text, table, brief, json, github, dotenv };

/// The options of single verbs; those of other verbs keep their defaults.
struct VerbOptions {
    std::vector<std::string> services{};  ///< up, logs: those named; exec, port: one; import: files.
    std::vector<std::string> command{};   ///< run, exec: what stands behind `--`.
    bool keep{false};                     ///< up
    Print print{Print::env};              ///< up
    bool all{false};                      ///< down
    std::optional<KeepWhat> keep_when{};  ///< run
    std::optional<Format> format{};
    bool require_up{false};  ///< ps
    bool follow{false};      ///< logs
    std::optional<std::string> since{};
    std::optional<int> tail{};
    bool interactive{false};  ///< exec
    bool tty{false};
    std::string user{};
    std::vector<std::string> environment{};
    std::string working_dir{};
    std::string container_port{};     ///< port
    std::vector<std::string> only{};  ///< import
    std::string output{};
    bool strict{false};
    bool ports_as_written{false};
    bool depend_on_ready{false};
};

struct Arguments {
    Verb verb{Verb::version};
    GlobalOptions global{};
    VerbOptions own{};
};

}  // namespace berth::cli
