// SPDX-License-Identifier: Apache-2.0
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/forwarder.hpp>

#include <signal.h>
#include <filesystem>
#include <optional>

namespace berth::support {
namespace {

/// Debian's Podman, unpacked beside the other engines of the tests, as a program `podman` in front of PATH. All that it
/// keeps lies in a folder that goes afterwards; it mounts where nobody else sees it.
class UnpackedPodman {
  public:
    UnpackedPodman() {
        const auto root = source_root();
        run_tool({(root / "tests/engines/engine").string(), "podman", "fetch"});
        const std::string packages = (root / "build/engines/podman-bookworm").string();
        folder_.write("home/.config/containers/policy.json",
                      R"({ "default": [ { "type": "insecureAcceptAnything" } ] })");
        folder_.write("rest.conf", R"(log_driver = "k8s-file"
seccomp_profile = ")" + packages + R"(/usr/share/containers/seccomp.json"
[network]
network_backend = "netavark"
network_config_dir = ")" + folder_.file("networks") +
                                       R"("
[engine]
cgroup_manager = "cgroupfs"
conmon_path = [")" + packages + R"(/usr/bin/conmon"]
events_logger = "file"
helper_binaries_dir = [")" + packages +
                                       R"(/usr/lib/podman"]
runtime = "runc"
)");
        folder_.write("storage.conf", "[storage]\ndriver = \"overlay\"\ngraphroot = \"" + folder_.file("storage") +
                                          "\"\nrunroot = \"" + folder_.file("run") + "\"\n");
        // What Berth writes of limits stays in front.
        const std::string program = folder_.write("bin/podman", R"(#!/bin/sh
folder=)" + folder_.path().string() + R"(
packages=)" + packages + R"(
{ cat "${CONTAINERS_CONF:-/dev/null}"; cat "$folder/rest.conf"; } >"$folder/containers.conf"
[ -n "$CONTAINERS_CONF" ] || sed -i '1i [containers]' "$folder/containers.conf"
echo $$ >"$folder/pid"
LD_LIBRARY_PATH=$(echo "$packages"/usr/lib/*-linux-gnu)
echo "conmon_env_vars = [\"PATH=$PATH\", \"LD_LIBRARY_PATH=$LD_LIBRARY_PATH\", \"HOME=$folder/home\",
    \"CONTAINERS_CONF=$folder/containers.conf\", \"CONTAINERS_STORAGE_CONF=$folder/storage.conf\"]" >>"$folder/containers.conf"
export LD_LIBRARY_PATH CONTAINERS_CONF="$folder/containers.conf" CONTAINERS_STORAGE_CONF="$folder/storage.conf" HOME="$folder/home"
exec unshare --mount --propagation slave -- sh -c 'mount -t tmpfs -o mode=1777 none /dev/shm && mkdir -p /run/netns &&
    mount -t tmpfs none /run/netns && exec "$@"' sh "$packages/usr/bin/podman" --root "$folder/storage" \
    --runroot "$folder/run" --tmpdir "$folder/tmp" "$@"
)");
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
        before_ = std::getenv("PATH");
        ::setenv("PATH", (folder_.file("bin") + ":" + before_).c_str(), 1);
        ::setenv("XDG_RUNTIME_DIR", folder_.path().c_str(), 1);
    }
    UnpackedPodman(const UnpackedPodman&) = delete;
    UnpackedPodman& operator=(const UnpackedPodman&) = delete;
    ~UnpackedPodman() {
        ::setenv("PATH", before_.c_str(), 1);
        ::unsetenv("XDG_RUNTIME_DIR");
    }

    [[nodiscard]] int pid() const {
        int number = 0;
        std::ifstream(folder_.file("pid")) >> number;
        return number;
    }
    /// Of the service: its socket's folder.
    [[nodiscard]] std::size_t folders() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
            count += entry.path().filename().string().rfind("berth-engine-", 0) == 0 ? 1U : 0U;
        }
        return count;
    }

  private:
    TempDir folder_;
    std::string before_;
};

TEST(EmbeddedEngine, RunsContainersWithoutAnyDaemon) {
    const UnpackedPodman podman;
    int pid = 0;
    {
        const Engine engine = Engine::connect({.endpoint = "embedded"}, within(k_patience));
        pid = podman.pid();
        EXPECT_EQ(engine.facts().kind, EngineKind::podman);
        EXPECT_EQ(engine.facts().source, "embedded");
        EXPECT_TRUE(engine.facts().local);
        EXPECT_EQ(podman.folders(), 1U);
        EXPECT_EQ(::kill(pid, 0), 0);

        const TestImage busybox = test_image("busybox");
        engine.images().load(file_source(busybox.archive));
        Containers containers = engine.containers();
        const ContainerId id =
            containers
                .create("berth-test-embedded", {.image = busybox.name,
                                                .command = std::vector<std::string>{"sh", "-c", "sleep 60"},
                                                .network_mode = "none"})
                .id;
        containers.start(id);
        EXPECT_EQ(containers.exec(id, {.command = {"cat"}, .input = "in and out"}).standard_output, "in and out");
        containers.remove(id);
    }
    EXPECT_EQ(::kill(pid, 0), -1) << "it went with the last handle";
    EXPECT_EQ(podman.folders(), 0U);
}

TEST(EmbeddedEngine, IsNotTriedInPlaceOfAnEngineThatWasNamed) {
    const UnpackedPodman podman;

    EXPECT_THROW(Engine::connect("unix:///nowhere.sock"), EngineUnreachable);

    EXPECT_EQ(podman.pid(), 0);
}

}  // namespace
}  // namespace berth::support
