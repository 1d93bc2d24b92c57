// SPDX-License-Identifier: Apache-2.0
#include <berth/core/image_reference.hpp>
#include <berth/fake/internal/router.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::fake {
namespace {

std::shared_ptr<ImageScript> present_image(const Exchange& exchange) {
    const std::string& name = exchange.names.front();
    auto image = exchange.world.find_image(name);
    if (!image || !image->present) {
        throw Refusal{404, "No such image: " + familiar(name)};
    }
    return image;
}

Json tags_of(const ImageScript& image) {
    Json tags = Json::array({image.name});
    for (const auto& name : image.further_names) {
        tags.push_back(name);
    }
    return tags;
}

}  // namespace

void inspect_image(Exchange& exchange) {
    Json json;
    {
        const auto lock = exchange.lock();
        const auto image = present_image(exchange);
        json = {{"Id", image->id},
                {"RepoTags", tags_of(*image)},
                {"RepoDigests", Json::array()},
                {"Created", "2023-11-14T22:13:20Z"},
                {"Architecture", "amd64"},
                {"Os", "linux"},
                {"Size", 1'000'000},
                {"RootFS", {{"Type", "layers"}, {"Layers", {image->id}}}},
                {"Config", image->config}};
    }
    exchange.answer.json(200, json.dump() + '\n');
}

void list_images(Exchange& exchange) {
    auto filters = exchange.filters({"before", "dangling", "label", "reference", "since", "until"});
    Json list = Json::array();
    {
        const auto lock = exchange.lock();
        for (const auto& image : exchange.world.images) {
            if (image->present && has_labels(image->config["Labels"], filters["label"])) {
                list.push_back({{"Id", image->id},
                                {"ParentId", ""},
                                {"RepoTags", tags_of(*image)},
                                {"RepoDigests", nullptr},
                                {"Created", 1'700'000'000},
                                {"Size", 1'000'000},
                                {"SharedSize", -1},
                                {"Containers", -1},
                                {"Labels", image->config["Labels"]}});
            }
        }
    }
    exchange.answer.json(200, list.dump() + '\n');
}

void pull_image(Exchange& exchange) {
    const std::string from = exchange.asked.parameter("fromImage");
    const std::string tag = exchange.asked.parameter("tag");
    const std::string wanted = tag.empty() ? from : from + (tag.find(':') == std::string::npos ? ":" : "@") + tag;
    ImageReference parsed;
    ImageReferenceError wrong;
    if (!parse_image_reference(wanted, parsed, wrong)) {
        throw Refusal{400, "invalid reference format"};
    }
    const std::string repository = ImageReference{parsed.registry, parsed.repository, {}, {}}.familiar();
    const std::string shown = repository.substr(0, repository.rfind(':'));
    auto lock = exchange.lock();
    const auto image = exchange.world.find_image(wanted);
    if (!image) {
        throw Refusal{404, fmt::format("pull access denied for {}, repository does not exist or may require 'docker "
                                       "login': denied: requested access to the resource is denied",
                                       shown)};
    }
    const std::string error = image->pull_error;
    const bool was_present = std::exchange(image->present, image->present || error.empty());
    const std::string layer = image->id.substr(std::string("sha256:").size(), 12);
    const std::string digest = image->id;
    if (error.empty()) {
        exchange.world.tell("image", "pull", familiar(wanted), {{"name", shown}});
    }
    lock.unlock();
    Answer& answer = exchange.answer;
    answer.begin(200, "application/json");
    const auto say = [&](const Json& object) { answer.chunk(object.dump() + "\r\n"); };
    say({{"status", fmt::format("Pulling from {}", parsed.repository)}, {"id", parsed.tag}});
    if (!error.empty()) {
        say({{"errorDetail", {{"message", error}}}, {"error", error}});
    } else {
        if (!was_present) {
            constexpr int k_size = 1'000'000;
            say({{"status", "Pulling fs layer"}, {"progressDetail", Json::object()}, {"id", layer}});
            say({{"status", "Downloading"},
                 {"progressDetail", {{"current", k_size / 2}, {"total", k_size}}},
                 {"id", layer}});
            say({{"status", "Pull complete"}, {"progressDetail", Json::object()}, {"id", layer}});
        }
        say({{"status", "Digest: " + digest}});
        say({{"status", fmt::format("Status: {} for {}", was_present ? "Image is up to date" : "Downloaded newer image",
                                    familiar(wanted))}});
    }
    answer.end_chunks();
}

void tag_image(Exchange& exchange) {
    {
        const auto lock = exchange.lock();
        const auto image = present_image(exchange);
        const std::string tag = exchange.asked.parameter("tag");
        const std::string name = familiar(exchange.asked.parameter("repo") + (tag.empty() ? std::string{} : ":" + tag));
        for (const auto& other : exchange.world.images) {  // an existing tag moves
            auto& names = other->further_names;
            names.erase(std::remove(names.begin(), names.end(), name), names.end());
        }
        if (image->name != name) {
            image->further_names.push_back(name);
        }
        exchange.world.tell("image", "tag", image->id, {{"name", name}});
    }
    exchange.answer.send(201, "", "");
}

void remove_image(Exchange& exchange) {
    Json gone = Json::array();
    {
        const auto lock = exchange.lock();
        const auto image = present_image(exchange);
        const std::string name = familiar(exchange.names.front());
        auto& names = image->further_names;
        const auto further = std::find(names.begin(), names.end(), name);
        if (further != names.end()) {
            names.erase(further);
            gone.push_back({{"Untagged", name}});
        } else {
            for (const auto& box : exchange.world.containers) {
                const bool forced = exchange.asked.flag("force") && !box->runs();
                if (box->script.id == image->id && !forced) {
                    throw Refusal{409, fmt::format("conflict: unable to remove repository reference \"{}\" (must "
                                                   "force) - container {} is using its referenced image {}",
                                                   name, box->id.substr(0, 12), image->id.substr(7, 12))};
                }
            }
            image->present = false;
            gone.push_back({{"Untagged", image->name}});
            gone.push_back({{"Deleted", image->id}});
            exchange.world.tell("image", "delete", image->id, {{"name", image->id}});
        }
    }
    exchange.answer.json(200, gone.dump() + '\n');
}

}  // namespace berth::fake
