// SPDX-License-Identifier: Apache-2.0
#include <tests/contract/subject.hpp>

#include <nlohmann/json.hpp>

namespace berth::contract {

void Contract::TearDown() {
    for (const auto& container : containers_.list({.all = true, .labels = {label()}})) {
        containers_.remove(container.id);
    }
    for (const auto& network : engine_.networks().list({label()})) {
        engine_.networks().remove(network.id);
    }
    for (const auto& volume : engine_.volumes().list({label()})) {
        engine_.volumes().remove(volume.name);
    }
    EXPECT_TRUE(containers_.list({.all = true, .labels = {label()}}).empty());
}

ContainerConfig Contract::config(Behaviour behaviour) const {
    ContainerConfig config = subject().that(behaviour);
    config.labels = labels();
    return config;
}

ContainerId Contract::created(const ContainerConfig& config) {
    return containers_.create(name("c" + std::to_string(++number_)), config).id;
}

ContainerId Contract::started(Behaviour behaviour) {
    const ContainerId id = created(behaviour);
    containers_.start(id);
    if (behaviour == Behaviour::idles || behaviour == Behaviour::is_stubborn) {
        wait_until_set(id);
    }
    return id;
}

void Contract::wait_until_set(const ContainerId& id) {
    EXPECT_TRUE(support::wait_until([&] { return !containers_.logs(id).empty(); }));
}

void Contract::check_health(const ContainerId& id) const {
    if (is_podman()) {
        const auto said = client_.send({.target = "/v4.0.0/libpod/containers/" + id.text + "/healthcheck"},
                                       within(support::k_patience));
        EXPECT_EQ(said.head.status, 200) << said.body;
    }
}

Said Contract::ask(const std::string& method, const std::string& target, const std::string& body) const {
    http::Request request{.method = method, .target = version() + target, .body = body};
    if (!body.empty() && body.front() == '{') {
        request.headers.add("Content-Type", "application/json");
    }
    const auto response = client_.send(request, within(support::k_patience));
    Said said{response.head.status, response.body, response.body, response.head.headers};
    const auto json = nlohmann::json::parse(response.body, nullptr, false);
    if (json.is_object() && json.contains("message")) {
        said.message = json["message"].get<std::string>();
    }
    return said;
}

}  // namespace berth::contract
