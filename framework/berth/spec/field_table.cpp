// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/field_table.hpp>
#include <berth/spec/fields/all.hpp>

#include <algorithm>
#include <iterator>

namespace berth {
namespace {

template <class Struct>
constexpr auto rows_of() {
    return std::apply([](const auto&... fields) { return std::array<FieldRow, sizeof...(fields)>{fields.row...}; },
                      Fields<Struct>::k_rows);
}

template <class Struct>
constexpr auto k_rows_of = rows_of<Struct>();

template <class Struct>
constexpr FieldOwner owner_of() {
    return {Fields<Struct>::k_owner, k_rows_of<Struct>};
}

constexpr FieldOwner k_owners[] = {
    owner_of<EnvironmentSpec>(), owner_of<ServiceSpec>(),      owner_of<PortSpec>(),      owner_of<DependsOn>(),
    owner_of<HealthcheckSpec>(), owner_of<WaitSpec>(),         owner_of<WaitPort>(),      owner_of<WaitHttp>(),
    owner_of<WaitLog>(),         owner_of<WaitExec>(),         owner_of<WaitHealth>(),    owner_of<WaitExit>(),
    owner_of<HookSpec>(),        owner_of<StepSpec>(),         owner_of<StepHttp>(),      owner_of<CopySpec>(),
    owner_of<ArtifactSpec>(),    owner_of<ArtifactsRoot>(),    owner_of<Isolation>(),     owner_of<ReuseSpec>(),
    owner_of<Timeouts>(),        owner_of<Defaults>(),         owner_of<RunSpec>(),       owner_of<BuildSpec>(),
    owner_of<MountSpec>(),       owner_of<NetworkAttach>(),    owner_of<NetworkSpec>(),   owner_of<VolumeSpec>(),
    owner_of<SecretSpec>(),      owner_of<ConfigSpec>(),       owner_of<SecretRef>(),     owner_of<ConfigRef>(),
    owner_of<EnvFile>(),         owner_of<ExtendsSpec>(),      owner_of<IncludeSpec>(),   owner_of<ImportSpec>(),
    owner_of<MatrixSpec>(),      owner_of<FaultSpec>(),        owner_of<ImageSettings>(), owner_of<LoggingSpec>(),
    owner_of<DeploySpec>(),      owner_of<Ulimit>(),           owner_of<GenerateSpec>(),  owner_of<UserSetup>(),
    owner_of<IpamSpec>(),        owner_of<IpamPool>(),         owner_of<BindOptions>(),   owner_of<VolumeOptions>(),
    owner_of<TmpfsOptions>(),    owner_of<HttpAuth>(),         owner_of<HttpTls>(),       owner_of<ResourcesSpec>(),
    owner_of<ResourceAmounts>(), owner_of<DeviceReservation>()};

}  // namespace

std::span<const FieldOwner> field_owners() noexcept {
    return k_owners;
}

const FieldOwner* find_field_owner(std::string_view name) noexcept {
    const auto* found = std::find_if(std::begin(k_owners), std::end(k_owners),
                                     [name](const FieldOwner& owner) { return owner.name == name; });
    return found == std::end(k_owners) ? nullptr : found;
}

const FieldRow* find_field(std::string_view owner, std::string_view key) noexcept {
    const FieldOwner* rows = find_field_owner(owner);
    if (rows == nullptr) {
        return nullptr;
    }
    const auto found =
        std::find_if(rows->rows.begin(), rows->rows.end(), [key](const FieldRow& row) { return row.key == key; });
    return found == rows->rows.end() ? nullptr : &*found;
}

std::string_view owner_in_type(std::string_view type) noexcept {
    if (!enum_words(type).empty()) {
        return {};
    }
    type.remove_prefix(type.rfind(':') + 1);  // npos + 1 is 0
    return !type.empty() && type.front() >= 'A' && type.front() <= 'Z' ? type : std::string_view{};
}

std::string_view enum_words(std::string_view type) noexcept {
    constexpr std::string_view k_enum = "enum:";
    const auto at = type.find(k_enum);
    return at == std::string_view::npos ? std::string_view{} : type.substr(at + k_enum.size());
}

}  // namespace berth
