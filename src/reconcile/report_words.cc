#include "reconcile/report_words.h"

#include <fmt/format.h>

#include "reconcile/report.h"

namespace meetpoint::reconcile {
namespace {

constexpr ReportWords english{
    .title = "Reconciliation report",
    .filesTitle = "Call comparison",
    .ours = "ours",
    .theirs = "theirs",
    .period = "Period",
    .contents = "Contents",
    .kinds = {"day", "month", "billing cycle"},
    .madeAt = "Read at {}",
    .unread = "Rows of {1} that could not be read and are not compared: {0}.",
    .missingDays = "Days of this period that have never been reconciled: {}. The sums leave them out.",
    .staleDays = "Days of which records came that their last run has not seen: {}. They are run again by themselves.",
    .droppedGroups =
        "There were more numbers or trunks than can be told apart at a time: those with little at stake "
        "were dropped, and the sums of those near the end of the lists may be too small.",
    .totals = "Totals",
    .figure = "figure",
    .difference = "difference (theirs minus ours)",
    .percent = "in percent",
    .records = "records",
    .calls = "calls",
    .answered = "answered",
    .minutes = "connected minutes",
    .seconds = "connected seconds",
    .shown = "What the data show",
    .nothingShown = "Nothing that sets the two sides apart.",
    .evidence = "evidence",
    .day = "day (UTC)",
    .value = "value",
    .side = "whose records",
    .parties = {"", "the platform's", "the carrier's"},
    .states = "States",
    .state = "state",
    .meaning = "meaning",
    .items = "items",
    .causes = "Causes and what they explain",
    .cause = "cause",
    .explains = "explains, minutes",
    .noCauses = "No item has a cause.",
    .deviations = "Against the agreement",
    .term = "term",
    .agreed = "agreed",
    .count = "items",
    .days = "Days",
    .status = "state",
    .lastRun = "last run",
    .closedAt = "closed at",
    .adjustments = "adjustments",
    .differences = "items that differ",
    .stale = "stale: records came since the last run",
    .statuses = {"has not begun", "never reconciled", "open", "closed"},
    .numbers = "Numbers with the largest differences",
    .number = "number",
    .trunks = "Trunks with the largest differences",
    .trunk = "trunk",
    .none = "none known",
    .atStake = "differing minutes",
    .startDeltas = "Start differences, theirs minus ours",
    .times = "Calls in time (UTC)",
    .bars = "Left bar of each pair: ours. Right bar: theirs, on our clock.",
    .worst = "The largest differences",
    .time = "time",
    .whatDiffers = "what differs",
    .ourRecords = "our records",
    .theirRecords = "their records",
    .stateMeanings = {"the same on both sides", "within the tolerance", "the durations differ", "the starts differ",
                      "the numbers differ", "answered on one side only", "only in the carrier's data",
                      "only in the platform's data", "recorded again by the platform", "recorded again by the carrier",
                      "outside the time both cover", "a kind the other side never records", "two readings equally good",
                      "cannot be used"},
    .causeMeanings = {"the carrier's clock is off",
                      "the carrier's clock gains or loses",
                      "times of another zone",
                      "one side starts at the answer",
                      "the ringing is counted",
                      "the figures stand in another unit",
                      "durations are rounded",
                      "a call in several records",
                      "ringing legs beside the call",
                      "a call ran on to a timer",
                      "a hole in one side's data",
                      "only answered calls are recorded",
                      "only one direction is recorded",
                      "calls between own numbers are not recorded",
                      "a leg went on after a transfer",
                      "the number shown instead of the assigned one",
                      "the opposite direction",
                      "records that came twice",
                      "numbers of another format",
                      "hidden digits",
                      "a record came late",
                      "nothing in the data explains it"},
};

constexpr ReportWords traditionalChinese{
    .title = "對帳報告",
    .filesTitle = "通話比對",
    .ours = "我方",
    .theirs = "對方",
    .period = "期間",
    .contents = "目錄",
    .kinds = {"日", "月", "帳務週期"},
    .madeAt = "讀取時間：{}",
    .unread = "{1} 有 {0} 列無法讀取，未列入比對。",
    .missingDays = "本期間有 {} 天從未對帳，合計不含這些日子。",
    .staleDays = "有 {} 天在最近一次對帳之後又收到紀錄，將自動重新對帳。",
    .droppedGroups = "號碼或中繼線的數量超過可同時區分的上限：差異小者已略去，清單末段的合計可能偏小。",
    .totals = "合計",
    .figure = "項目",
    .difference = "差異（對方減我方）",
    .percent = "百分比",
    .records = "紀錄",
    .calls = "通話",
    .answered = "已接通",
    .minutes = "通話分鐘",
    .seconds = "通話秒數",
    .shown = "資料所顯示的原因",
    .nothingShown = "雙方沒有差異的原因。",
    .evidence = "依據",
    .day = "日（UTC）",
    .value = "值",
    .side = "何方紀錄",
    .parties = {"", "平台", "電信業者"},
    .states = "狀態",
    .state = "狀態",
    .meaning = "說明",
    .items = "項目數",
    .causes = "原因與其解釋的差異",
    .cause = "原因",
    .explains = "解釋的分鐘數",
    .noCauses = "沒有任何項目帶有原因。",
    .deviations = "與協議不符之處",
    .term = "條款",
    .agreed = "協議",
    .count = "項目數",
    .days = "各日狀況",
    .status = "狀態",
    .lastRun = "最近一次對帳",
    .closedAt = "結帳時間",
    .adjustments = "調整",
    .differences = "有差異的項目",
    .stale = "待更新：最近一次對帳後又收到紀錄",
    .statuses = {"尚未開始", "從未對帳", "未結帳", "已結帳"},
    .numbers = "差異最大的號碼",
    .number = "號碼",
    .trunks = "差異最大的中繼線",
    .trunk = "中繼線",
    .none = "不明",
    .atStake = "差異分鐘數",
    .startDeltas = "開始時間差（對方減我方）",
    .times = "各時段通話數（UTC）",
    .bars = "每組左側為我方，右側為對方（以我方時鐘為準）。",
    .worst = "差異最大的通話",
    .time = "時間",
    .whatDiffers = "差異內容",
    .ourRecords = "我方紀錄",
    .theirRecords = "對方紀錄",
    .stateMeanings = {"雙方相同", "在容許誤差內", "時長不同", "開始時間不同", "號碼不同", "僅一方顯示接通",
                      "僅電信業者有紀錄", "僅平台有紀錄", "平台重複紀錄", "電信業者重複紀錄",
                      "不在雙方共同涵蓋的時間內", "對方從不記錄此類通話", "兩種解讀同樣合理", "無法使用"},
    .causeMeanings = {"電信業者時鐘偏移",
                      "電信業者時鐘漂移",
                      "採用其他時區",
                      "一方自接聽起算開始時間",
                      "時長包含響鈴時間",
                      "數值採用其他單位",
                      "時長經過進位",
                      "一通話分成多筆紀錄",
                      "除通話外另有響鈴分支",
                      "通話掛起直到逾時",
                      "一方資料有缺口",
                      "僅記錄已接通的通話",
                      "僅記錄單一方向",
                      "不記錄自有號碼間的通話",
                      "轉接後通話仍持續",
                      "使用顯示號碼而非指派號碼",
                      "方向相反",
                      "重複上傳",
                      "號碼格式不同",
                      "號碼部分遮蔽",
                      "紀錄遲到",
                      "資料無法解釋"},
};

constexpr ReportWords japanese{
    .title = "照合レポート",
    .filesTitle = "通話の比較",
    .ours = "当方",
    .theirs = "先方",
    .period = "期間",
    .contents = "目次",
    .kinds = {"日", "月", "請求サイクル"},
    .madeAt = "取得日時：{}",
    .unread = "{1} の {0} 行は読み取れず、比較に含まれません。",
    .missingDays = "この期間のうち {} 日は一度も照合されていません。合計には含まれません。",
    .staleDays = "{} 日分について、前回の照合後に記録が届きました。自動的に再照合されます。",
    .droppedGroups =
        "番号またはトランクの数が同時に区別できる上限を超えたため、差の小さいものは省かれました。"
        "一覧の末尾に近い合計は実際より小さいことがあります。",
    .totals = "合計",
    .figure = "項目",
    .difference = "差（先方－当方）",
    .percent = "割合",
    .records = "記録",
    .calls = "通話",
    .answered = "応答あり",
    .minutes = "通話分数",
    .seconds = "通話秒数",
    .shown = "データが示す原因",
    .nothingShown = "双方の間に差を生む原因は見つかりません。",
    .evidence = "根拠",
    .day = "日（UTC）",
    .value = "値",
    .side = "どちらの記録か",
    .parties = {"", "プラットフォーム", "通信事業者"},
    .states = "状態",
    .state = "状態",
    .meaning = "意味",
    .items = "件数",
    .causes = "原因と説明される差",
    .cause = "原因",
    .explains = "説明される分数",
    .noCauses = "原因のある項目はありません。",
    .deviations = "合意と異なる点",
    .term = "条件",
    .agreed = "合意",
    .count = "件数",
    .days = "日ごとの状況",
    .status = "状態",
    .lastRun = "最終照合",
    .closedAt = "締め日時",
    .adjustments = "調整",
    .differences = "差のある項目",
    .stale = "要再照合：前回の照合後に記録が届いた",
    .statuses = {"未開始", "未照合", "未締め", "締め済み"},
    .numbers = "差の大きい番号",
    .number = "番号",
    .trunks = "差の大きいトランク",
    .trunk = "トランク",
    .none = "不明",
    .atStake = "差の分数",
    .startDeltas = "開始時刻の差（先方－当方）",
    .times = "時間帯ごとの通話数（UTC）",
    .bars = "各組の左が当方、右が先方（当方の時計による）。",
    .worst = "差の大きい通話",
    .time = "日時",
    .whatDiffers = "差の内容",
    .ourRecords = "当方の記録",
    .theirRecords = "先方の記録",
    .stateMeanings = {"双方一致", "許容範囲内", "通話時間が異なる", "開始時刻が異なる", "番号が異なる",
                      "片方だけ応答あり", "通信事業者側のみ", "プラットフォーム側のみ", "プラットフォームの重複記録",
                      "通信事業者の重複記録", "双方が対象とする時間の外", "相手が記録しない種類の通話",
                      "二通りの解釈が同等", "利用できない"},
    .causeMeanings = {"通信事業者の時計のずれ",
                      "通信事業者の時計の進み遅れ",
                      "別のタイムゾーンの時刻",
                      "片方は応答時刻を開始とする",
                      "呼び出し時間を含む",
                      "数値が別の単位",
                      "通話時間の丸め",
                      "一通話が複数の記録に分割",
                      "通話のほかに呼び出しレグがある",
                      "タイマーまで続いた通話",
                      "片方のデータの欠落",
                      "応答した通話のみ記録",
                      "一方向のみ記録",
                      "自社番号間の通話を記録しない",
                      "転送後も続いたレグ",
                      "割り当て番号でなく表示番号",
                      "方向が逆",
                      "重複アップロード",
                      "番号の書式の違い",
                      "番号の一部が非表示",
                      "記録の遅着",
                      "データからは説明できない"},
};

constexpr const ReportWords* everyLanguage[] = {&english, &traditionalChinese, &japanese};
constexpr std::string_view tags[] = {"en", "zh-Hant", "ja"};

std::string signedText(std::int64_t ms) {
    return (ms < 0 ? "−" : "+") + spoken(ms);
}

std::string_view arrowOf(RoundingMode mode) {
    switch (mode) {
        case RoundingMode::up:
            return "↑";
        case RoundingMode::down:
            return "↓";
        case RoundingMode::nearest:
            return "≈";
    }
    return "";
}

}  // namespace

std::string_view tagOf(Language language) {
    return tags[static_cast<std::size_t>(language)];
}

std::optional<Language> languageOf(std::string_view tag) {
    for (std::size_t i = 0; i < std::size(tags); ++i)
        if (tag == tags[i]) return static_cast<Language>(i);
    return std::nullopt;
}

const ReportWords& wordsOf(Language language) {
    return *everyLanguage[static_cast<std::size_t>(language)];
}

std::string valueText(const Diagnosis& found) {
    if (found.number) return signedText(found.cause == Cause::timeZone ? *found.number * 60'000 : *found.number);
    if (found.rate) return fmt::format("{:+.3g} s/h", *found.rate / 1000);
    if (found.rounding) return fmt::format("{} {}", arrowOf(found.rounding->mode), spoken(found.rounding->step.ms));
    if (found.unit) return fmt::format("× {} / {}", found.unit->multiply, found.unit->divide);
    if (found.dueAt) return formatInstant(*found.dueAt);
    if (found.from && found.to) return formatInstant(*found.from) + " – " + formatInstant(*found.to);
    return found.word;
}

std::string sentence(const Diagnosis& found, Language language) {
    if (language == Language::english) return sentence(found);
    const ReportWords& words = wordsOf(language);
    std::string text(words.causeMeanings[static_cast<std::size_t>(found.cause)]);
    const std::string value = valueText(found);
    if (!value.empty()) text += fmt::format("（{}）", value);
    const std::string_view party = words.parties[static_cast<std::size_t>(found.at)];
    if (!party.empty()) text += fmt::format("［{}］", party);
    text += fmt::format("：{} / {}", found.count, found.outOf);
    if (found.explainedMs != 0) text += fmt::format("，{} s", secondsText(found.explainedMs));
    return text;
}

}  // namespace meetpoint::reconcile
