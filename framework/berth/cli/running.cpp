// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/loading.hpp>
#include <berth/cli/running.hpp>
#include <berth/core/text_distance.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace berth::cli {
namespace {

std::string label_of(const Labels& labels, const char* key) {
    const auto found = labels.find(key);
    return found == labels.end() ? std::string() : found->second;
}

}  // namespace

const RunningService& Running::service(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& each : services) {
        if (each.name == name) {
            return each;
        }
        names.push_back(each.name);
    }
    if (names.empty()) {
        throw Exit(k_not_so, fmt::format("nothing of project '{}' is up\n  hint: 'berth up' brings it up", project));
    }
    const std::string guess = did_you_mean(near_matches(name, names));
    throw Exit(k_not_so, fmt::format("service '{}' is not up{}{}\n  hint: these are: {}", name,
                                     guess.empty() ? "" : "; ", guess, fmt::join(names, ", ")));
}

std::optional<StateFile> state_here(const Context& context) {
    const std::string path = state_file_path(context.directory());
    const auto named = context.variables()("BERTH_STATE");
    if ((!named || named->empty()) && ::access(path.c_str(), F_OK) != 0) {
        return std::nullopt;
    }
    StateFile state = read_state_file(path);
    if (context.global().project && *context.global().project != state.project) {
        return std::nullopt;
    }
    // A spec that is named may be of another project; reading it is the only way to know.
    if (!context.global().project && names_a_spec(context.global())) {
        if (project_of(context, read_and_check(context).spec) != state.project) {
            return std::nullopt;
        }
    }
    return state;
}

std::string project_here(const Context& context, const std::optional<StateFile>& state) {
    if (context.global().project) {
        return *context.global().project;
    }
    return state ? state->project : project_of(context, read_and_check(context).spec);
}

std::string engine_of(const std::optional<StateFile>& state) {
    if (!state) {
        return {};
    }
    return state->engine_name.empty() ? state->engine_endpoint : state->engine_name;
}

Running find_running(const Context& context) {
    std::optional<StateFile> state = state_here(context);
    std::string project = project_here(context, state);
    Running running{
        .engine = context.connect(engine_of(state)), .project = std::move(project), .state = std::move(state)};
    const auto labels = running.state ? std::vector<std::string>{"berth.project=" + running.project,
                                                                 "berth.run=" + running.state->run_id}
                                      : labels_of_up(running.project);
    for (auto& container : running.engine.containers().list({.all = true, .labels = labels},
                                                            context.deadline().sooner(k_call_patience))) {
        if (std::string name = label_of(container.labels, "berth.service"); !name.empty()) {
            running.services.push_back({std::move(name), std::move(container)});
        }
    }
    const auto place = [&](const std::string& name) {
        if (!running.state) {
            return std::size_t{0};
        }
        const auto& known = running.state->services;
        return static_cast<std::size_t>(
            std::find_if(known.begin(), known.end(), [&](const auto& each) { return each.first == name; }) -
            known.begin());
    };
    std::sort(running.services.begin(), running.services.end(),
              [&](const RunningService& left, const RunningService& right) {
                  const auto one = place(left.name);
                  const auto other = place(right.name);
                  return one != other ? one < other : left.name < right.name;
              });
    return running;
}

std::vector<std::string> labels_of_up(const std::string& project) {
    return {"berth.project=" + project, "berth.keep=up"};
}

}  // namespace berth::cli
