// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/documents.hpp>

#include <berth/core/text_distance.hpp>
#include <berth/spec/merge.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

// `extends` and `include`: what comes from elsewhere, in the same file or another.

namespace berth::yaml {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_deepest_include = 16;
constexpr std::size_t k_most_included = 1000;  // files, each time one is named
constexpr std::size_t k_longest_extends = 32;

std::vector<std::string> names_of(const EnvironmentSpec& spec) {
    std::vector<std::string> names;
    for (const auto& service : spec.services) {
        names.push_back(*service.name);
    }
    return names;
}

const Node* written_service(const Document& document, const std::string& name) {
    const Slot* services = document.tree.root->find("services");
    const Slot* service = services == nullptr ? nullptr : services->value->find(name);
    return service == nullptr ? nullptr : service->value;
}

template <class T>
std::string chain_of(const std::vector<T>& steps) {
    std::string text;
    for (const auto& step : steps) {
        text += (text.empty() ? "" : " -> ") + step;
    }
    return text;
}

}  // namespace

/// Where `extends` is being followed.
struct Documents::Extending {
    DocumentPointer document{};
    const EnvironmentSpec* spec{nullptr};                    ///< The services of the file.
    const EnvironmentSpec* before{nullptr};                  ///< Those of files that it goes over.
    std::vector<std::pair<std::string, std::string>> way{};  ///< File and service, from the first on.
    std::vector<Origin> hops{};                              ///< Where each step of it is written.
    std::string top{};                                       ///< The service that all of it is for.
};

void Documents::resolve_extends(EnvironmentSpec& spec, const DocumentPointer& document, const EnvironmentSpec& before) {
    const EnvironmentSpec written = spec;  // what is extended is what was written, not what became of it
    for (auto& service : spec.services) {
        if (!service.extends.given()) {
            continue;
        }
        Extending state{document, &written, &before, {}, {}, *service.name};
        if (auto whole = extended(service, state)) {
            service = std::move(*whole);
        }
        service.extends = {};
    }
}

std::optional<ServiceSpec> Documents::extended(const ServiceSpec& service, Extending& state) {
    if (!service.extends.given() || !service.extends->service.given()) {
        return service;
    }
    const ExtendsSpec& extends = *service.extends;
    const Origin where = extends.service.origin();
    const std::string path = fmt::format("/services/{}/extends", *service.name);
    const std::pair here{state.document->name, *service.name};
    const auto before = std::find(state.way.begin(), state.way.end(), here);
    const auto first = static_cast<std::size_t>(before - state.way.begin());
    const bool again = before != state.way.end();
    state.way.push_back(here);
    if (again) {
        std::vector<std::string> steps;
        for (std::size_t i = first; i < state.way.size(); ++i) {
            const auto& [file, name] = state.way[i];
            steps.push_back(file == documents_.front()->name ? name : fmt::format("{} ({})", name, file));
        }
        report("BE0511", where, fmt::format("'extends' forms a cycle: {}", chain_of(steps)), path);
        return std::nullopt;
    }
    if (state.way.size() > k_longest_extends) {
        report("BE0511", where,
               fmt::format("'{}' extends a service that extends another, more than {} times", state.top,
                           k_longest_extends),
               path);
        return std::nullopt;
    }
    Extending below = state;
    if (extends.file.given()) {
        below.document = extended_file(extends, state.document);
        if (below.document == nullptr) {
            return std::nullopt;
        }
        below.spec = below.document == state.document ? state.spec : &below.document->spec;
        below.before = nullptr;
    }
    const std::string& wanted = *extends.service;
    const ServiceSpec* base = below.spec->find_service(wanted);
    if (base == nullptr && below.before != nullptr) {
        base = below.before->find_service(wanted);
    }
    if (base == nullptr) {
        const std::string guess = did_you_mean(near_matches(wanted, names_of(*below.spec)));
        report("BE0513", where,
               fmt::format("'{}' has no service '{}'{}", below.document->name, wanted,
                           guess.empty() ? guess : "; " + guess),
               path);
        return std::nullopt;
    }
    below.hops.push_back(where);
    if (const Node* node = written_service(*below.document, wanted)) {
        for (const Origin& hop : below.hops) {
            result_.ways.push_back({fmt::format("/services/{}", state.top), node->where, hop, "taken over here"});
        }
    }
    auto lower = extended(*base, below);
    if (!lower) {
        return std::nullopt;
    }
    if (below.document != state.document) {
        EnvironmentSpec moved;
        moved.services.push_back(std::move(*lower));
        const std::string from = whole_folder(fs::path(state.document->name).parent_path().string());
        const std::string to = whole_folder(fs::path(below.document->name).parent_path().string());
        rebase(moved, from == to ? std::string{} : fs::path(to).lexically_relative(from).string());
        lower = std::move(moved.services.front());
    }
    lower->extends = {};
    ServiceSpec whole = merged(std::move(*lower), service);
    whole.name = service.name;
    return whole;
}

DocumentPointer Documents::extended_file(const ExtendsSpec& extends, const DocumentPointer& from) {
    const std::string path = beside(from->name, *extends.file);
    if (whole_folder(path) == whole_folder(from->name)) {
        return from;
    }
    const auto [known, fresh] = extended_files_.emplace(whole_folder(path), nullptr);
    if (fresh) {
        if (auto document = open(path, extends.file.origin(), from->variables.nested())) {
            std::vector<DocumentPointer> one{document};
            read_variables(one, false, std::nullopt);
            bind(*document, true);
            known->second = std::move(document);
        }
    }
    return known->second;
}

void Documents::resolve_includes(EnvironmentSpec& spec, const DocumentPointer& document) {
    const auto includes = *spec.include;
    spec.include = {};
    including_.push_back(document->name);
    for (const auto& include : includes) {
        if (include.prefix.given()) {
            Diagnostic later;
            later.code = "BE0906";
            later.message = "'include.prefix' is understood and not built yet";
            later.where = include.prefix.origin();
            later.path = "/include";
            result_.not_yet.push_back(std::move(later));
        }
        if (auto other = included(include, document)) {
            take_in(spec, std::move(*other));
        }
    }
    including_.pop_back();
}

std::optional<EnvironmentSpec> Documents::included(const IncludeSpec& include, const DocumentPointer& from) {
    const Origin where = include.path.origin();
    std::vector<DocumentPointer> files;
    for (const auto& written : *include.path) {
        const std::string path = beside(from->name, written);
        const std::string outside = prefix_of(fs::path(path).parent_path().string());
        if (outside.rfind("..", 0) == 0) {
            report("BE0405", where, fmt::format("'{}' leaves '{}'", written, result_.spec.base.directory), "/include");
            return std::nullopt;
        }
        auto chain = including_;
        chain.push_back(path);
        const bool again = std::find(including_.begin(), including_.end(), path) != including_.end();
        if (again || including_.size() > k_deepest_include) {
            report("BE0004", where,
                   again ? fmt::format("'include' forms a cycle: {}", chain_of(chain))
                         : fmt::format("includes nest deeper than {}: {}", k_deepest_include, chain_of(chain)),
                   "/include");
            return std::nullopt;
        }
        if (++included_ > k_most_included) {
            if (included_ == k_most_included + 1) {
                report("BE0004", where, fmt::format("more than {} files are included", k_most_included), "/include");
            }
            return std::nullopt;
        }
        const std::size_t before = result_.diagnostics.size();
        auto document = open(path, where, from->variables.nested());
        for (std::size_t i = before; i < result_.diagnostics.size(); ++i) {
            result_.diagnostics[i].path = "/include";
        }
        if (document == nullptr) {
            return std::nullopt;
        }
        files.push_back(std::move(document));
    }
    if (files.empty()) {
        return std::nullopt;
    }
    const std::size_t before = result_.diagnostics.size();
    std::optional<std::vector<std::string>> env_files;
    if (include.env_file.given()) {
        env_files.emplace();
        for (const auto& written : *include.env_file) {
            env_files->push_back(beside(from->name, written));
        }
    }
    read_variables(files, true, env_files);
    const std::string folder = include.project_directory.given() ? beside(from->name, *include.project_directory)
                                                                 : fs::path(files.front()->name).parent_path().string();
    EnvironmentSpec whole;
    for (auto& document : files) {
        bind(*document, true);
        resolve_extends(document->spec, document, whole);
        resolve_includes(document->spec, document);
        resolve_imports(document->spec, document);
        whole = merged(std::move(whole), document->spec);
        const Origin all{document->source->file(), 1, 1, document->source->line_count(), 1};
        result_.ways.push_back({"", all, where, "included here"});
    }
    for (std::size_t i = before; i < result_.diagnostics.size(); ++i) {
        if (std::string_view(result_.diagnostics[i].where.file) != from->source->file()) {
            result_.diagnostics[i].labels.push_back({where, "included here"});
        }
    }
    const std::string here = whole_folder(fs::path(from->name).parent_path().string());
    rebase(whole, fs::path(whole_folder(folder)).lexically_relative(here).string());
    return whole;
}

void Documents::take_in(EnvironmentSpec& spec, EnvironmentSpec other) {
    const auto conflict = [&](std::string_view kind, const std::string& name, const Origin& first,
                              const Origin& second) {
        if (same_place(first, second)) {
            return;  // the same file, included twice
        }
        const bool later = stands_before(first, second);
        auto& found =
            report("BE0512", later ? second : first,
                   fmt::format("{} '{}' is defined in {} and {}", kind, name, to_string(first), to_string(second)),
                   fmt::format("/{}s/{}", kind, name));
        found.labels.push_back({later ? first : second, "also defined here"});
    };
    const auto take = [&](std::string_view kind, auto& own, const auto& theirs) {
        if (!theirs.given()) {
            return;
        }
        auto all = *own;
        for (const auto& [name, value] : *theirs) {
            const auto [entry, fresh] = all.emplace(name, value);
            if (!fresh) {
                conflict(kind, name, entry->second.origin, value.origin);
            }
        }
        using Member = std::decay_t<decltype(own)>;
        own = Member::read(std::move(all), own.given() ? own.origin() : theirs.origin());
    };
    for (auto& service : other.services) {
        if (const ServiceSpec* own = spec.find_service(*service.name)) {
            conflict("service", *service.name, own->name.origin(), service.name.origin());
        } else {
            spec.services.push_back(std::move(service));
        }
    }
    take("network", spec.networks, other.networks);
    take("volume", spec.volumes, other.volumes);
    take("secret", spec.secrets, other.secrets);
    take("config", spec.configs, other.configs);
}

}  // namespace berth::yaml
