// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/yaml/internal/binder.hpp>

#include <berth/spec/fields/all.hpp>

#include <map>
#include <string>
#include <type_traits>
#include <vector>

// The readers of values, one a C++ type; the row's type says which of a type's written forms is meant. Each returns
// whether `out` is what was written; otherwise what is wrong has been reported.

namespace berth::yaml {

bool read_value(Binder& binder, const FieldRow& row, const Node& node, bool& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, int& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::int64_t& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, double& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, Duration& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, Bytes& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, unsigned& out);  ///< A file mode.
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::string& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, Text& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, Words& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, ShellOrArgv& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, KeyValues& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<std::string>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, CodeRanges& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, RestartPolicy& out);

bool read_value(Binder& binder, const FieldRow& row, const Node& node, PortRange& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, PublishedPort& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, PortName& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<PortName>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<PortRange>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<PortSpec>& out);

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<MountSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, NetworkAttach>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, DependsOn>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, Ulimit>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, NetworkSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, VolumeSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<CopySpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<StepSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<ArtifactSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<EnvFile>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<ServiceSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, Isolation& out);

bool read_value(Binder& binder, const FieldRow& row, const Node& node, AnyValue& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, AnyValue>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, BuildSpec& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, ServiceSpec& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, ExtendsSpec& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<IncludeSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<ImportSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, HookSpec& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<HookSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, StepHttp& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, CopySpec& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, ReuseSpec& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, NetworkMode& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, PullPolicy& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, Words>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<KeyValues>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, FaultSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, SecretSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, ConfigSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<SecretRef>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<ConfigRef>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<IpamPool>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<DeviceReservation>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, UserSetup& out);

bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitSpec& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<WaitSpec>& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitPort& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitHttp& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitLog& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitExec& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitHealth& out);
bool read_value(Binder& binder, const FieldRow& row, const Node& node, WaitExit& out);

/// Structs whose rows say everything about how they are written.
template <class Struct>
inline constexpr bool k_is_plain =
    std::is_same_v<Struct, HealthcheckSpec> || std::is_same_v<Struct, Timeouts> ||
    std::is_same_v<Struct, ArtifactsRoot> || std::is_same_v<Struct, RunSpec> || std::is_same_v<Struct, Defaults> ||
    std::is_same_v<Struct, ImageSettings> || std::is_same_v<Struct, LoggingSpec> ||
    std::is_same_v<Struct, DeploySpec> || std::is_same_v<Struct, ResourcesSpec> ||
    std::is_same_v<Struct, ResourceAmounts> || std::is_same_v<Struct, MatrixSpec> ||
    std::is_same_v<Struct, GenerateSpec> || std::is_same_v<Struct, IpamSpec> || std::is_same_v<Struct, BindOptions> ||
    std::is_same_v<Struct, VolumeOptions> || std::is_same_v<Struct, TmpfsOptions> || std::is_same_v<Struct, HttpAuth> ||
    std::is_same_v<Struct, HttpTls>;

/// The position of the written word among `names`; nothing (reported) when it is none.
std::optional<std::size_t> read_word(Binder& binder, const FieldRow& row, const Node& node,
                                     std::span<const std::string_view> names);

template <class Enum,
          std::enable_if_t<std::is_enum_v<Enum> && !std::is_same_v<Enum, Bytes> && !std::is_same_v<Enum, PullPolicy>,
                           int> = 0>
bool read_value(Binder& binder, const FieldRow& row, const Node& node, Enum& out) {
    constexpr auto& k_table = EnumNames<Enum>::k_names;
    std::array<std::string_view, k_table.size()> names{};
    for (std::size_t i = 0; i < k_table.size(); ++i) {
        names[i] = k_table[i].first;
    }
    const auto position = read_word(binder, row, node, names);
    if (position) {
        out = k_table[*position].second;
    }
    return position.has_value();
}

/// Reads a mapping into a struct by its rows. @returns false when it is no mapping or one of its keys is unknown or
/// missing
template <class Struct>
bool read_struct(Binder& binder, const Node& node, Struct& out, std::string_view wanted = "a mapping");

/// A mapping that has no short form.
template <class Struct, class = decltype(Fields<Struct>::k_rows), std::enable_if_t<k_is_plain<Struct>, int> = 0>
bool read_value(Binder& binder, const FieldRow& row, const Node& node, Struct& out) {
    static_cast<void>(row);
    return read_struct(binder, node, out);
}

/// A list of words.
template <class Enum, std::enable_if_t<std::is_enum_v<Enum>, int> = 0>
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<Enum>& out) {
    return binder.each_item(node, "a list", true, false, [&](const Node& item) {
        Enum one{};
        if (read_value(binder, row, item, one)) {
            out.push_back(one);
        }
    });
}

template <class T>
void read_member(Binder& binder, const FieldRow& row, const Node& node, Given<T>& out) {
    if (node.tag == Tag::reset) {
        out = Given<T>::read(T{}, node.where, Presence::reset);
        return;
    }
    T value{};
    if (read_value(binder, row, node, value)) {
        out = Given<T>::read(std::move(value), node.where,
                             node.tag == Tag::override_ ? Presence::overridden : Presence::given);
    }
}

/// A member that is always there.
template <class T>
void read_member(Binder& binder, const FieldRow& row, const Node& node, T& out) {
    binder.no_tag(node);
    static_cast<void>(read_value(binder, row, node, out));
}

template <class Struct, class Member, std::size_t Index>
constexpr RowReader row_reader(const BoundField<Struct, Member>& field) {
    return {field.row, [](Binder& binder, const FieldRow& row, const Node& node, void* out) {
                constexpr auto k_member = std::get<Index>(Fields<Struct>::k_rows).member;
                read_member(binder, row, node, static_cast<Struct*>(out)->*k_member);
            }};
}

template <class Struct, std::size_t Index>
constexpr RowReader reader_at() {
    constexpr auto& k_field = std::get<Index>(Fields<Struct>::k_rows);
    using Field = std::decay_t<decltype(k_field)>;
    if constexpr (std::is_same_v<Field, ReaderField>) {
        return {k_field.row, nullptr};
    } else {
        using Member = std::decay_t<decltype(std::declval<Struct>().*(k_field.member))>;
        return row_reader<Struct, Member, Index>(k_field);
    }
}

template <class Struct, std::size_t... Index>
constexpr auto readers_at(std::index_sequence<Index...>) {
    return std::array<RowReader, sizeof...(Index)>{reader_at<Struct, Index>()...};
}

/// The rows of a struct with their readers.
template <class Struct>
std::span<const RowReader> readers_of() {
    static constexpr auto k_readers = readers_at<Struct>(
        std::make_index_sequence<std::tuple_size_v<std::decay_t<decltype(Fields<Struct>::k_rows)>>>{});
    return k_readers;
}

template <class Struct>
bool read_struct(Binder& binder, const Node& node, Struct& out, std::string_view wanted) {
    if (node.kind != Kind::map) {
        return binder.wrong_type(node, wanted);
    }
    return binder.read_fields(node, readers_of<Struct>(), Fields<Struct>::k_owner, &out);
}

/// The row of a member's key, for the short forms that stand for it.
template <class Struct>
const FieldRow& row_of(std::string_view key) {
    return *find_field(Fields<Struct>::k_owner, key);
}

/// Of `daily`, `weekly` or `every_<duration>`; zero for other texts.
Duration pull_interval_of(std::string_view text);

/// One port or a range in part of a scalar. Reports BE0307 there.
bool read_port_range(Binder& binder, const Scalar& scalar, std::size_t offset, std::size_t length, PortRange& out);

/// Splits as a shell splits words, references kept whole. Reports an unclosed quote.
bool split_words(Binder& binder, const Scalar& scalar, Words& out);

}  // namespace berth::yaml
