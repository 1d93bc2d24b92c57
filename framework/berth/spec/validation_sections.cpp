// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <berth/core/names.hpp>
#include <berth/spec/image_lock.hpp>
#include <berth/spec/matrix_cells.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

// What a spec declares beside its services, and how the services use it.

namespace berth::internal {
namespace {

template <class T>
std::vector<std::string> names_of(const Given<std::map<std::string, T>>& map) {
    std::vector<std::string> names;
    for (const auto& [name, item] : *map) {
        names.push_back(name);
    }
    return names;
}

/// Exactly one of what a secret or config can come from, and none that only Swarm has.
void check_source(Findings& findings, std::string_view kind, const std::string& name, const Origin& where,
                  const Given<bool>& external, std::initializer_list<std::pair<std::string_view, bool>> sources) {
    const std::string path = fmt::format("/{}s/{}", kind, name);
    if (external.value_or(false)) {
        findings.error("BE0904", fmt::format("{} '{}' is external; that exists only in Swarm", kind, name),
                       first_known({external.origin(), where}), path);
        return;
    }
    std::vector<std::string> list;
    int given = 0;
    for (const auto& [source, is_given] : sources) {
        list.emplace_back(source);
        given += is_given ? 1 : 0;
    }
    if (given != 1) {
        findings.error("BE0504", fmt::format("{} '{}' needs exactly one of {}", kind, name, quoted_list(list)), where,
                       path);
    }
}

void check_secrets_and_configs(Findings& findings) {
    const auto& spec = findings.spec;
    for (const auto& [name, secret] : *spec.secrets) {
        const Origin where = first_known({secret.origin, spec.secrets.origin()});
        check_source(findings, "secret", name, where, secret.external,
                     {{"file", secret.file.given()},
                      {"environment", secret.environment.given()},
                      {"generate", secret.generate.given()},
                      {"command", secret.command.given()}});
        if (secret.file.given() && findings.options.check_files) {
            missing_file(findings, *secret.file, secret.file.origin(), "/secrets/" + name);
        }
    }
    for (const auto& [name, config] : *spec.configs) {
        const Origin where = first_known({config.origin, spec.configs.origin()});
        check_source(findings, "config", name, where, config.external,
                     {{"file", config.file.given()},
                      {"content", config.content.given()},
                      {"environment", config.environment.given()}});
        if (config.file.given() && findings.options.check_files) {
            missing_file(findings, *config.file, config.file.origin(), "/configs/" + name);
        }
    }
    std::set<std::string> used_secrets;
    std::set<std::string> used_configs;
    const auto check_uses = [&](const ServiceSpec& service, const auto& uses, std::string_view kind, std::string code,
                                const std::vector<std::string>& known, std::set<std::string>& used) {
        for (std::size_t i = 0; i < uses->size(); ++i) {
            const std::string& name = *(*uses)[i].source;
            used.insert(name);
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                findings.error(
                    code, with_guess(fmt::format("{0} '{1}' is not declared under '{0}s'", kind, name), name, known),
                    first_known({(*uses)[i].source.origin(), (*uses)[i].origin, uses.origin()}),
                    path_of(service, fmt::format("{}s/{}", kind, i)));
            }
        }
    };
    for (const auto& service : spec.services) {
        check_uses(service, service.secrets, "secret", "BE0615", names_of(spec.secrets), used_secrets);
        check_uses(service, service.configs, "config", "BE0616", names_of(spec.configs), used_configs);
    }
    const UseText note_references = [&](const TextUse& use) {
        std::vector<TemplateMistake> mistakes;
        for (const auto& reference : references_in(use.text, mistakes)) {
            if (reference.segments.size() > 1 && reference.segments.front() == "secrets") {
                used_secrets.insert(reference.segments[1]);
            }
        }
    };
    for (const auto& service : spec.services) {
        for_each_text(service, note_references);
    }
    for_each_text(spec, note_references);
    const auto unused = [&](std::string_view kind, const auto& all, const std::set<std::string>& used) {
        for (const auto& [name, item] : *all) {
            if (used.count(name) == 0) {
                findings.warning("BW0107", fmt::format("{} '{}' is never used", kind, name),
                                 first_known({item.origin, all.origin()}), fmt::format("/{}s/{}", kind, name));
            }
        }
    };
    unused("secret", spec.secrets, used_secrets);
    unused("config", spec.configs, used_configs);
}

template <class T>
void check_external(Findings& findings, std::string_view kind, const std::string& name, const T& one,
                    std::initializer_list<std::pair<std::string_view, Origin>> given) {
    const std::string path = fmt::format("/{}s/{}", kind, name);
    if (one.external.value_or(false)) {
        for (const auto& [key, where] : given) {
            if (where.known()) {
                findings.error("BE0602", fmt::format("an external {} takes only 'name', not '{}'", kind, key), where,
                               path);
            }
        }
    } else if (one.name.given()) {
        findings.warning("BW0115", fmt::format("{} name '{}' is shared by every run", kind, one.name->text),
                         first_known({one.name->origin, one.name.origin()}), path + "/name");
    }
}

template <class T>
Origin place_if_given(const Given<T>& member, const Origin& otherwise) {
    return member.given() ? first_known({member.origin(), otherwise}) : Origin{};
}

void check_externals(Findings& findings) {
    for (const auto& [name, one] : *findings.spec.networks) {
        const Origin where = first_known({one.origin, findings.spec.networks.origin()});
        check_external(findings, "network", name, one,
                       {{"driver", place_if_given(one.driver, where)},
                        {"driver_opts", place_if_given(one.driver_opts, where)},
                        {"internal", place_if_given(one.internal, where)},
                        {"attachable", place_if_given(one.attachable, where)},
                        {"enable_ipv6", place_if_given(one.enable_ipv6, where)},
                        {"ipam", place_if_given(one.ipam, where)},
                        {"labels", place_if_given(one.labels, where)}});
    }
    for (const auto& [name, one] : *findings.spec.volumes) {
        const Origin where = first_known({one.origin, findings.spec.volumes.origin()});
        check_external(findings, "volume", name, one,
                       {{"driver", place_if_given(one.driver, where)},
                        {"driver_opts", place_if_given(one.driver_opts, where)},
                        {"labels", place_if_given(one.labels, where)},
                        {"keep", place_if_given(one.keep, where)}});
    }
}

bool is_inside(const std::string& address, const std::string& block) {
    const auto slash = block.find('/');
    if (slash == std::string::npos) {
        return false;
    }
    std::array<unsigned char, 16> left{};
    std::array<unsigned char, 16> right{};
    const int family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
    if (::inet_pton(family, address.c_str(), left.data()) != 1 ||
        ::inet_pton(family, block.substr(0, slash).c_str(), right.data()) != 1) {
        return false;
    }
    const int bits = std::atoi(block.c_str() + slash + 1);
    for (int i = 0; i < bits && i < 128; ++i) {
        const auto byte = static_cast<std::size_t>(i / 8);
        const unsigned mask = 0x80U >> static_cast<unsigned>(i % 8);
        if ((left[byte] & mask) != (right[byte] & mask)) {
            return false;
        }
    }
    return true;
}

void check_address(Findings& findings, const ServiceSpec& service, const std::string& network,
                   const Given<std::string>& address) {
    if (!address.given()) {
        return;
    }
    const std::string path = path_of(service, "networks/" + network);
    const auto declared = findings.spec.networks->find(network);
    bool covered = false;
    if (declared != findings.spec.networks->end()) {
        const auto& pools = *declared->second.ipam->config;
        covered = declared->second.external.value_or(false) ||
                  std::any_of(pools.begin(), pools.end(),
                              [&](const IpamPool& pool) { return is_inside(*address, *pool.subnet); });
    }
    if (!covered) {
        findings.error("BE0608", fmt::format("{} is in no 'ipam' subnet of '{}'", *address, network), address.origin(),
                       path);
    } else {
        findings.warning("BW0114", fmt::format("static address {} stops two runs at once", *address), address.origin(),
                         path);
    }
}

void check_matrix(Findings& findings) {
    const auto& given = findings.spec.matrix;
    if (!given.given()) {
        return;
    }
    if (!given->axes.given()) {
        findings.error("BE0203", "'matrix' needs 'axes'", given.origin(), "/matrix");
        return;
    }
    for (const auto& mistake : mistakes_of(*given)) {
        findings.error("BE0516", mistake.message, first_known({mistake.where, given.origin()}), "/matrix");
    }
}

class FaultCheck {
  public:
    FaultCheck(Findings& findings, const std::string& name, const FaultSpec& fault)
        : findings_(findings), name_(name), fault_(fault) {}

    void run() {
        if (!fault_.kind.given()) {
            needs("kind");
        }
        if (!fault_.service.given()) {
            needs("service");
        }
        if (!fault_.kind.given() || !fault_.service.given()) {
            return;
        }
        needs_if(FaultSpec::Kind::latency, fault_.delay.given(), "delay");
        needs_if(FaultSpec::Kind::loss, fault_.percent.given(), "percent");
        needs_if(FaultSpec::Kind::bandwidth, fault_.rate.given(), "rate");
        needs_if(FaultSpec::Kind::exec, fault_.command.given(), "command");
        const ServiceSpec* service = findings_.spec.find_service(*fault_.service);
        if (service == nullptr) {
            findings_.unknown_service(*fault_.service, fault_.service.origin(), path());
        } else {
            check_network(*service);
        }
    }

  private:
    [[nodiscard]] std::string path() const { return "/faults/" + name_; }
    [[nodiscard]] Origin place() const { return first_known({fault_.origin, findings_.spec.faults.origin()}); }

    void needs(std::string_view key) {
        findings_.error("BE0203", fmt::format("fault '{}' needs '{}'", name_, key), place(), path());
    }
    void needs_if(FaultSpec::Kind kind, bool given, std::string_view key) {
        if (*fault_.kind == kind && !given) {
            needs(key);
        }
    }

    void wrong(std::string message, const Origin& where) {
        findings_.error("BE0521", std::move(message), first_known({where, place()}), path() + "/network");
    }

    void check_network(const ServiceSpec& service) {
        using Kind = FaultSpec::Kind;
        const Kind kind = *fault_.kind;
        const bool cuts =
            kind == Kind::disconnect || kind == Kind::latency || kind == Kind::loss || kind == Kind::bandwidth;
        const auto networks = networks_of(findings_.spec, service);
        if (!cuts) {
            if (fault_.network.given()) {
                wrong("'network' means nothing for this kind of fault", fault_.network.origin());
            }
            return;
        }
        if (findings_.spec.isolation->network.value_or(NetworkSharing::own) == NetworkSharing::pod) {
            wrong("the services share one network namespace ('isolation.network: pod'); none can be cut off",
                  fault_.kind.origin());
        } else if (fault_.network.given() &&
                   std::find(networks.begin(), networks.end(), *fault_.network) == networks.end()) {
            wrong(with_guess(fmt::format("'{}' is not on network '{}'", *service.name, *fault_.network),
                             *fault_.network, networks),
                  fault_.network.origin());
        } else if (!fault_.network.given() && kind == Kind::disconnect && networks.size() > 1) {
            wrong(fmt::format("'{}' is on networks {}; say which with 'network'", *service.name, quoted_list(networks)),
                  fault_.service.origin());
        }
    }

    Findings& findings_;
    const std::string& name_;
    const FaultSpec& fault_;
};

/// With `locked`, each image that is known now has to be in the lock.
void check_lock(Findings& findings) {
    const ImageSettings& images = *findings.spec.images;
    if (!images.locked.value_or(false) || !findings.options.lock) {
        return;
    }
    const std::string written = images.lock.value_or("berth.lock");
    const Origin where = first_known({images.lock.origin(), images.locked.origin()});
    const ImageLock& lock = *findings.options.lock;
    if (!lock.problem.empty()) {
        findings.error("BE0001", fmt::format("cannot open '{}': {}", written, lock.problem), where, "/images/lock");
        return;
    }
    for (std::size_t i = 0; i < findings.spec.services.size(); ++i) {
        const ServiceSpec& service = findings.spec.services[i];
        if (!findings.active.counts[i] || !service.image.given() || service.build.given() ||
            service.image->text.find('$') != std::string::npos) {
            continue;
        }
        if (!lock.has(service.image->text, *service.platform)) {
            findings.error("BE0620", fmt::format("'{}' is not in {}; run 'plan --lock'", service.image->text, written),
                           first_known({service.image->origin, service.image.origin()}), path_of(service, "image"));
        }
    }
}

}  // namespace

void check_sections(Findings& findings) {
    check_secrets_and_configs(findings);
    check_externals(findings);
    for (const auto& service : findings.spec.services) {
        for (const auto& [network, attach] : *service.networks) {
            check_address(findings, service, network, attach.ipv4_address);
            check_address(findings, service, network, attach.ipv6_address);
        }
    }
    check_matrix(findings);
    for (const auto& [name, fault] : *findings.spec.faults) {
        FaultCheck(findings, name, fault).run();
    }
    check_lock(findings);
}

}  // namespace berth::internal
