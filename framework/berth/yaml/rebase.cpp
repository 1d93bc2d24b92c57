// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/documents.hpp>

#include <filesystem>

namespace berth::yaml {
namespace {

namespace fs = std::filesystem;

class Rebase {
  public:
    explicit Rebase(std::string folder) : folder_(std::move(folder)) {}

    void path(Given<std::string>& member) const {
        if (member.given()) {
            member = Given<std::string>::read(moved(*member), member.origin(), member.presence());
        }
    }

    void service(ServiceSpec& service) const {
        each(service.env_file, [this](EnvFile& file) { path(file.path); });
        inside(service.build, [this](BuildSpec& build) { path(build.context); });
        each(service.volumes, [this](MountSpec& mount) {
            if (mount.type.given() && *mount.type == MountSpec::Type::bind && mount.source.given()) {
                inside(mount.source, [this](Text& text) { text.text = moved(text.text, true); });
            }
        });
        each(service.copy, [this](CopySpec& copy) { path(copy.from); });
        each(service.post_ready, [this](StepSpec& one) { step(one); });
        each(service.reset, [this](StepSpec& one) { step(one); });
        inside(service.wait, [this](WaitSpec& one) { wait(one); });
        each(service.security_opt, [this](std::string& option) {
            constexpr std::string_view k_profile = "seccomp=";
            const std::string_view rest = std::string_view(option).substr(std::min(k_profile.size(), option.size()));
            if (option.rfind(k_profile, 0) == 0 && rest != "unconfined") {
                option = std::string(k_profile) + moved(std::string(rest));
            }
        });
        if (service.fixture.given() && service.fixture->rfind('.', 0) == 0) {
            inside(service.fixture, [this](std::string& name) { name = moved(name, true); });
        }
    }

    void spec(EnvironmentSpec& spec) const {
        for (auto& one : spec.services) {
            service(one);
        }
        each_entry(spec.secrets, [this](SecretSpec& secret) { path(secret.file); });
        each_entry(spec.configs, [this](ConfigSpec& config) { path(config.file); });
        inside(spec.defaults,
               [this](Defaults& defaults) { inside(defaults.service, [this](ServiceSpec& one) { service(one); }); });
        inside(spec.artifacts, [this](ArtifactsRoot& root) { path(root.dir); });
        inside(spec.run, [this](RunSpec& run) { path(run.working_dir); });
        inside(spec.images, [this](ImageSettings& images) { path(images.lock); });
    }

  private:
    /// Binds are told from volumes by how their source begins.
    [[nodiscard]] std::string moved(const std::string& path, bool keep_dot = false) const {
        if (path.empty() || path.front() == '/' || path.front() == '~') {
            return path;
        }
        const std::string whole = (fs::path(folder_) / path).lexically_normal().string();
        return keep_dot && whole.front() != '.' && whole.front() != '/' ? "./" + whole : whole;
    }

    template <class T, class Change>
    static void inside(Given<T>& member, Change change) {
        if (member.given()) {
            T value = *member;
            change(value);
            member = Given<T>::read(std::move(value), member.origin(), member.presence());
        }
    }
    template <class T, class Change>
    static void each(Given<std::vector<T>>& list, Change change) {
        inside(list, [&change](std::vector<T>& items) {
            for (auto& item : items) {
                change(item);
            }
        });
    }
    template <class T, class Change>
    static void each_entry(Given<std::map<std::string, T>>& map, Change change) {
        inside(map, [&change](std::map<std::string, T>& entries) {
            for (auto& entry : entries) {
                change(entry.second);
            }
        });
    }

    void step(StepSpec& step) const {
        path(step.stdin_file);
        inside(step.http, [this](StepHttp& http) { path(http.body_file); });
        inside(step.copy, [this](CopySpec& copy) { path(copy.from); });
    }

    void wait(WaitSpec& wait) const {
        inside(wait.http, [this](WaitHttp& http) { inside(http.tls, [this](HttpTls& tls) { path(tls.ca_file); }); });
        each(wait.all, [this](WaitSpec& one) { this->wait(one); });
        each(wait.any, [this](WaitSpec& one) { this->wait(one); });
    }

    std::string folder_;
};

}  // namespace

void rebase(EnvironmentSpec& spec, const std::string& folder) {
    if (!folder.empty() && folder != ".") {
        Rebase(folder).spec(spec);
    }
}

std::string beside(const std::string& spec, const std::string& path) {
    return fs::path(path).is_absolute() ? path : (fs::path(spec).parent_path() / path).lexically_normal().string();
}

std::string whole_folder(const std::string& path) {
    std::error_code failure;
    const fs::path whole = fs::absolute(path.empty() ? "." : path, failure).lexically_normal();
    std::string text = failure ? path : whole.string();
    while (text.size() > 1 && text.back() == '/') {
        text.pop_back();
    }
    return text;
}

}  // namespace berth::yaml
