// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/describe.hpp>
#include <berth/cli/flags.hpp>
#include <berth/cli/loading.hpp>
#include <berth/cli/verbs.hpp>
#include <berth/core/error.hpp>
#include <berth/core/redaction.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/images.hpp>
#include <berth/spec/validation.hpp>
#include <berth/yaml/reader.hpp>

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <set>
#include <system_error>

namespace berth::cli {
namespace {

constexpr std::uint64_t k_little_space = 1ULL << 30;

/// Lines of `ok`, `warn` or `fail`, each with what to do about it.
class Findings {
  public:
    explicit Findings(Colour colour) : colour_(colour) {}
    void ok(const std::string& what, const std::string& text) { add("ok", "32", what, text); }
    void warn(const std::string& what, const std::string& text, const std::string& advice) {
        add("warn", "33", what, text);
        advise(advice);
    }
    void fail(const std::string& what, const std::string& text, const std::string& advice) {
        add("fail", "31", what, text);
        advise(advice);
        failed_ = true;
    }
    void more(const std::string& text) { text_ += fmt::format("{:17}{}\n", "", escape_controls(text)); }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    void add(const char* word, const char* paint, const std::string& what, const std::string& text) {
        const std::string padded = fmt::format("{:5}", word);
        const std::string shown = colour_ == Colour::always ? fmt::format("\x1b[{}m{}\x1b[0m", paint, padded) : padded;
        text_ += fmt::format("{}{:12}{}\n", shown, what, escape_controls(text));
    }
    void advise(const std::string& advice) {
        if (!advice.empty()) {
            more("-> " + advice);
        }
    }
    Colour colour_;
    std::string text_;
    bool failed_{false};
};

void tell_places(const std::vector<TriedEndpoint>& places, const char* before, Findings& findings) {
    for (const auto& tried : places) {
        findings.more(fmt::format("{}{} ({}): {}", before, tried.endpoint, tried.source, tried.failure));
    }
}

std::optional<Engine> look_at_engine(const Context& context, Findings& findings) {
    try {
        Engine engine = context.connect();
        const EngineFacts& facts = engine.facts();
        findings.ok("engine", fmt::format("{} at {}, from {}", engine_text(facts), facts.endpoint, facts.source));
        findings.more(fmt::format("{}{}; its newest API is {}", facts.os.empty() ? "" : facts.os + ", ",
                                  facts.local ? "on this machine" : "remote", facts.engine_api.text()));
        tell_places(facts.tried, "not ", findings);
        return engine;
    } catch (const EngineUnreachable& error) {
        const auto& hints = error.facts().hints;
        findings.fail("engine", error.summary(), hints.empty() ? "" : hints.front());
        tell_places(error.tried(), "", findings);
    } catch (const Error& error) {
        const auto& hints = error.facts().hints;
        findings.fail("engine", error.summary(), hints.empty() ? "" : hints.front());
    }
    return std::nullopt;
}

void look_at_images(const Context& context, const EnvironmentSpec& spec, const Engine& engine, Findings& findings) {
    const auto substitutions = substitutions_of(context, spec);
    std::set<std::string> missing;
    std::size_t there = 0;
    std::set<std::string> seen;
    for (const auto& service : active_part(spec, {.profiles = context.global().profiles, .services = {}}).services) {
        const std::string image = substitute_image(image_of(spec, service), substitutions);
        if (!seen.insert(image).second) {
            continue;
        }
        if (engine.images().find(image, context.deadline().sooner(k_call_patience))) {
            ++there;
        } else {
            missing.insert(image);
        }
    }
    if (missing.empty()) {
        findings.ok("images", fmt::format("{} there", counted(there, "image")));
    } else {
        findings.warn("images", fmt::format("not there yet: {}", fmt::join(missing, ", ")),
                      "'berth up' pulls them; that takes a registry that this engine reaches");
    }
}

void look_at_spec(const Context& context, const std::optional<Engine>& engine, Findings& findings) {
    if (!names_a_spec(context.global()) && find_spec_file(context.directory()).empty()) {
        findings.warn("spec", "no 'berth.yaml' here or in a folder above", "name one with '-f FILE'");
        return;
    }
    Loaded loaded = read_and_check(context);
    std::size_t wrong = 0;
    for (const auto& each : loaded.diagnostics) {
        wrong += each.severity == Severity::error ? 1 : 0;
    }
    wrong += loaded.not_yet.size();
    if (wrong > 0) {
        findings.fail("spec", fmt::format("{}: {}", loaded.path, counted(wrong, "mistake")),
                      "'berth validate' shows them");
        return;
    }
    findings.ok("spec", fmt::format("{}: {}", loaded.path, counted(loaded.spec.services.size(), "service")));
    if (engine) {
        look_at_images(context, loaded.spec, *engine, findings);
    }
}

void look_at_folder(const Context& context, Findings& findings) {
    if (::access(context.directory().c_str(), W_OK | X_OK) != 0) {
        findings.fail(
            "run folder",
            fmt::format("'{}' may not be written: {}", context.directory(), std::generic_category().message(errno)),
            "work in another folder, or set 'artifacts.dir' in the spec");
        return;
    }
    struct statvfs facts {};
    if (::statvfs(context.directory().c_str(), &facts) != 0) {
        findings.warn("run folder",
                      fmt::format("its free space is not known: {}", std::generic_category().message(errno)), "");
        return;
    }
    const std::uint64_t free = static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
    const std::string text =
        fmt::format("{}/.berth, {:.1f} GB free", context.directory(), static_cast<double>(free) / 1e9);
    if (free < k_little_space) {
        findings.warn("run folder", text, "logs and artifacts of runs need space; remove old ones below .berth/runs");
    } else {
        findings.ok("run folder", text);
    }
}

/// Settings that do not have their defaults, and where they come from.
std::string settings(const Context& context) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& flag : global_flags()) {
        const std::string name(flag.name.substr(2));
        const auto found = context.global().sources.find(name);
        if (found != context.global().sources.end()) {
            rows.push_back({"  " + name, escape_controls(redact(found->second.value)), "from " + found->second.from});
        }
    }
    for (const char* name : {"DOCKER_HOST", "DOCKER_API_VERSION", "BERTH_SUBSTITUTE", "BERTH_STATE"}) {
        if (const auto value = context.variables()(name); value && !value->empty()) {
            rows.push_back({std::string("  ") + name, escape_controls(redact(*value)), "from the environment"});
        }
    }
    return rows.empty() ? "\nsettings: all at their defaults\n"
                        : "\nsettings (all others at their defaults)\n" + aligned(rows);
}

}  // namespace

int doctor(Context& context) {
    Findings findings(context.out_colour());
    const auto engine = look_at_engine(context, findings);
    look_at_spec(context, engine, findings);
    look_at_folder(context, findings);
    context.print(findings.text() + settings(context));
    return findings.failed() ? k_not_so : k_done;
}

}  // namespace berth::cli
