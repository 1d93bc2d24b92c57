// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/members.hpp>
#include <berth/spec/not_yet.hpp>

#include <fmt/format.h>

namespace berth {
namespace {

class Walk {
  public:
    std::vector<Diagnostic> found;

    template <class T>
    void look(const Given<T>& member, const FieldRow& row, const Origin& owner, const std::string& path) {
        if (!member.given()) {
            return;
        }
        const Origin& where = member.origin().known() ? member.origin() : owner;
        if (!row.runs) {
            add(row.key, where, path);
        } else {
            into(*member, where, path);
        }
    }

    void look(const std::vector<ServiceSpec>& services, const FieldRow&, const Origin&, const std::string& path) {
        for (const auto& service : services) {
            members(service, service.name.origin(), path + '/' + *service.name);
            // Two words of `pull_policy` are more than its row says.
            if (service.pull_policy.given() &&
                (*service.pull_policy == PullPolicy::build || *service.pull_policy == PullPolicy::every)) {
                add(*service.pull_policy == PullPolicy::build ? "pull_policy: build" : "pull_policy: every_…",
                    service.pull_policy.origin(), path + '/' + *service.name + "/pull_policy");
            }
            if (service.user_setup.given()) {
                add("user: {…}", service.user_setup.origin(), path + '/' + *service.name + "/user");
            }
        }
    }

    template <class T>
    void look(const T&, const FieldRow&, const Origin&, const std::string&) {}

    template <class Struct>
    void members(const Struct& one, const Origin& owner, const std::string& path) {
        internal::for_each_member<Struct>([&](const FieldRow& row, auto member) {
            look(one.*member, row, owner, path + '/' + std::string(row.key));
        });
    }

  private:
    void add(std::string_view what, const Origin& where, std::string path) {
        Diagnostic one;
        one.code = "BE0906";
        one.message = fmt::format("'{}' is understood and not built yet", what);
        one.where = where;
        one.path = std::move(path);
        found.push_back(std::move(one));
    }

    template <class T>
    void into(const std::vector<T>& items, const Origin& where, const std::string& path) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            into(items[i], where, fmt::format("{}/{}", path, i));
        }
    }
    template <class T>
    void into(const std::map<std::string, T>& entries, const Origin& where, const std::string& path) {
        for (const auto& [key, value] : entries) {
            into(value, where, path + '/' + key);
        }
    }
    template <class T>
    void into(const T& value, const Origin& where, const std::string& path) {
        if constexpr (std::is_same_v<T, MountSpec>) {
            if (value.type.given() && *value.type == MountSpec::Type::image) {
                add("type: image", value.type.origin(), path + "/type");
            }
        }
        if constexpr (std::is_same_v<T, Defaults>) {
            return;  // what they bring is looked at in each service
        } else if constexpr (internal::k_has_fields<T>) {
            members(value, where, path);
        }
    }
};

}  // namespace

std::vector<Diagnostic> not_yet(const EnvironmentSpec& spec) {
    Walk walk;
    walk.members(spec, {}, {});
    return std::move(walk.found);
}

}  // namespace berth
