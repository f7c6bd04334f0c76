#include "transport/link_header.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::transport {
namespace {

constexpr const char* kRefused = "REFUSED";

struct Row {
  const char* name;
  std::vector<std::string> fields;
  const char* next;  // empty: the end
};
class LinkFields : public testing::TestWithParam<Row> {};

TEST_P(LinkFields, LeadToTheNextPageOrAreRefused) {
  if (GetParam().next == kRefused)
    EXPECT_THAT([] { next_link(GetParam().fields); },
                test::ThrowsError(ErrorKind::kRegistry, "can not be understood"));
  else
    EXPECT_EQ(next_link(GetParam().fields), GetParam().next);
}

INSTANTIATE_TEST_SUITE_P(
    All, LinkFields,
    testing::Values(
        Row{"None", {}, ""}, Row{"Empty", {""}, ""},
        Row{"AsTheSpecificationHasIt",
            {R"(</v2/a/tags/list?last=x&n=9>; rel="next")"},
            "/v2/a/tags/list?last=x&n=9"},
        Row{"Absolute", {R"(<https://reg.io/x>; rel="next")"}, "https://reg.io/x"},
        Row{"WithoutQuotes", {"</x>; rel=next"}, "/x"},
        Row{"InCapitals", {R"(</x>; REL="NEXT")"}, "/x"},
        Row{"WithoutBlanks", {R"(</x>;rel="next")"}, "/x"},
        Row{"WithManyBlanks", {"  </x>  ;  rel  =  \"next\"  "}, "/x"},
        Row{"OfSeveralRelations", {R"(</x>; rel="last next")"}, "/x"},
        Row{"SecondOfTwo", {R"(</p>; rel="prev", </x>; rel="next")"}, "/x"},
        Row{"InTheSecondField", {R"(</p>; rel="prev")", R"(</x>; rel="next")"}, "/x"},
        Row{"FirstOfTwo", {R"(</x>; rel="next", </y>; rel="next")"}, "/x"},
        Row{"CommaInTheTarget", {R"(</x?a=1,2;3>; rel="next")"}, "/x?a=1,2;3"},
        Row{"CommaInAParameter", {R"(</p>; title="a, </q>; rel=next"; rel="prev")"}, ""},
        Row{"OtherParameters", {R"(</x>; title="t"; type=text; flag; rel="next")"}, "/x"},
        Row{"TheFirstRelCounts", {R"(</x>; rel="prev"; rel="next")"}, ""},
        Row{"NoRelation", {"</x>"}, "/x"},
        Row{"NextBeforeNoRelation", {R"(</y>, </x>; rel="next")"}, "/x"},
        Row{"AnotherRelation", {R"(</x>; rel="prev")"}, ""},
        Row{"ALongerWord", {R"(</x>; rel="nextarchive")"}, ""},
        Row{"OfSomethingElse", {R"(</x>; rel="next"; anchor="/other")"}, ""},
        Row{"EmptyElements", {R"(, ,</x>; rel="next",)"}, "/x"},
        Row{"NoBrackets", {R"(/x; rel="next")"}, kRefused},
        Row{"NotClosed", {R"(</x; rel="next")"}, kRefused},
        Row{"NoTarget", {R"(<>; rel="next")"}, kRefused},
        Row{"TextBehind", {"</x> rel=next"}, kRefused}, Row{"Nonsense", {"\x01\xff"}, kRefused},
        Row{"NonsenseBehindAGoodOne", {R"(</p>; rel="prev", nonsense)"}, kRefused},
        Row{"NonsenseInASecondField", {R"(</p>; rel="prev")", "nonsense"}, kRefused}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tote::transport
