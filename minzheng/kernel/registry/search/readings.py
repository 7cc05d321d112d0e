"""How a Chinese name is read and typed: every plausible pinyin, and the initials of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

from pypinyin import Style, lazy_pinyin

MOST = 6  # readings of one name: enough for a polyphonic surname and a polyphonic given name
LONGEST = 48
# Surnames whose usual reading differs from the character's, and surnames read in two ways; the first is the usual one.
SURNAMES = {
    "单": ("shan", "dan"), "曾": ("zeng", "ceng"), "仇": ("qiu", "chou"), "解": ("xie", "jie"), "区": ("ou", "qu"),
    "查": ("zha", "cha"), "盖": ("ge", "gai"), "朴": ("piao", "pu"), "翟": ("zhai", "di"), "缪": ("miao", "mou"),
    "尉": ("wei", "yu"), "乐": ("le", "yue"),
    "覃": ("qin", "tan"), "员": ("yun", "yuan"), "晟": ("cheng", "sheng"),
    "种": ("chong", "zhong"), "洗": ("xian", "xi"), "召": ("shao", "zhao"), "折": ("she", "zhe"),
    "繁": ("po", "fan"), "隗": ("wei", "kui"), "秘": ("bi", "mi"),
    "黑": ("he", "hei"), "盛": ("sheng", "cheng"), "柏": ("bai", "bo"), "卜": ("bu",), "牟": ("mu", "mou"),
    "谌": ("chen", "shen"), "褚": ("chu", "zhu"), "句": ("gou", "ju"), "阚": ("kan",),
    "尉迟": ("yuchi", "weichi"), "长孙": ("zhangsun", "changsun"), "万俟": ("moqi", "wansi"), "澹台": ("tantai",),
    "单于": ("chanyu", "shanyu", "danyu"), "鲜于": ("xianyu",),
    "欧阳": ("ouyang",), "上官": ("shangguan",), "司马": ("sima",), "诸葛": ("zhuge",), "夏侯": ("xiahou",),
    "皇甫": ("huangfu",), "令狐": ("linghu",), "宇文": ("yuwen",), "慕容": ("murong",), "司徒": ("situ",),
}  # fmt: skip
# Characters of given names that are read in two ways.
GIVEN = {
    "乐": ("le", "yue"), "长": ("chang", "zhang"), "行": ("xing", "hang"), "朝": ("chao", "zhao"), "盛": ("sheng", "cheng"),
    "晟": ("sheng", "cheng"), "茜": ("qian", "xi"), "重": ("chong", "zhong"), "曾": ("zeng", "ceng"), "柏": ("bai", "bo"),
    "宿": ("su", "xiu"), "禅": ("chan", "shan"), "堡": ("bao", "pu"), "莎": ("sha", "suo"), "娜": ("na", "nuo"),
    "单": ("dan", "shan"), "仇": ("chou", "qiu"), "解": ("jie", "xie"), "区": ("qu", "ou"),
    "查": ("cha", "zha"), "盖": ("gai", "ge"), "朴": ("pu", "piao"), "翟": ("zhai", "di"), "尉": ("wei", "yu"),
    "传": ("chuan", "zhuan"), "弹": ("tan", "dan"), "降": ("jiang", "xiang"), "角": ("jiao", "jue"), "觉": ("jue", "jiao"),
    "劲": ("jin", "jing"), "隽": ("juan", "jun"), "浚": ("jun", "xun"), "露": ("lu", "lou"), "率": ("shuai", "lv"),
    "屏": ("ping", "bing"), "荨": ("xun", "qian"), "杉": ("shan", "sha"), "参": ("shen", "can"),
    "沈": ("shen", "chen"), "厦": ("sha", "xia"), "校": ("xiao", "jiao"), "殷": ("yin", "yan"), "宛": ("wan", "yuan"),
    "仔": ("zi", "zai"), "藏": ("cang", "zang"), "颉": ("xie", "jie"), "靓": ("liang", "jing"),
    "炅": ("jiong", "gui"), "伽": ("jia", "qie", "ga"), "栖": ("qi", "xi"), "艾": ("ai", "yi"), "强": ("qiang", "jiang"),
    "蔚": ("wei", "yu"), "和": ("he", "huo"), "会": ("hui", "kuai"), "石": ("shi", "dan"), "圳": ("zhen", "chou"),
    "嬛": ("huan", "xuan"), "荥": ("xing", "ying"), "郇": ("xun", "huan"), "莘": ("shen", "xin"), "繁": ("fan", "po"),
    "种": ("zhong", "chong"), "车": ("che", "ju"), "拓": ("tuo", "ta"), "陆": ("lu", "liu"), "钥": ("yue", "yao"),
    "祭": ("ji", "zhai"), "琢": ("zhuo", "zuo"), "说": ("shuo", "yue"), "似": ("si", "shi"), "缪": ("miao", "mou"),
    "阿": ("a", "e"), "奇": ("qi", "ji"), "都": ("du", "dou"), "澄": ("cheng", "deng"), "畜": ("chu", "xu"),
    "琛": ("chen", "shen"), "谌": ("chen", "shen"),
    "赟": ("yun", "bin"),
}  # fmt: skip


@lru_cache(maxsize=100_000)
def readings(name: str) -> tuple[tuple[str, str], ...]:
    """(pinyin, initials) of a name, the most usual first: 单小兰 → (('shanxiaolan', 'sxl'), ('danxiaolan', 'dxl')).

    Letters of a foreign name are read as they stand; a ü is typed as v, u or yu. The empty name has no reading.
    """
    found: dict[str, str] = {}
    for syllables in islice(product(*_parts(name)), MOST):
        initials = "".join(one for syllable in syllables for one in _initials(syllable))
        for spelling in _spellings("".join(syllables)):
            if spelling:
                found.setdefault(spelling[:LONGEST], initials[:16])
    return tuple(found.items())[:MOST]


def _parts(name: str) -> Iterator[tuple[str, ...]]:
    plain = re.sub(r"[\s·•．.]", "", name)
    surname = next((plain[:size] for size in (2, 1) if plain[:size] in SURNAMES), "")
    if surname:
        yield SURNAMES[surname]
    for place, character in enumerate(plain[len(surname) :]):
        yield GIVEN.get(character, ()) if (surname or place) and character in GIVEN else (_usual(character),)


def _usual(character: str) -> str:
    syllable = lazy_pinyin(character, style=Style.NORMAL)[0].lower()
    return "".join(letter for letter in syllable if "a" <= letter <= "z")


def _initials(syllable: str) -> Iterator[str]:
    """The first letter; two for surnames of two characters that stand as one entry."""
    if syllable:
        yield syllable[0]
    second = _SECOND.get(syllable)
    if second:
        yield second


def _spellings(pinyin: str) -> tuple[str, ...]:
    return (pinyin, pinyin.replace("v", "u"), pinyin.replace("v", "yu")) if "v" in pinyin else (pinyin,)


_SECOND = {
    "yuchi": "c", "weichi": "c", "zhangsun": "s", "changsun": "s", "moqi": "q", "wansi": "s", "tantai": "t", "ouyang": "y",
    "shangguan": "g", "sima": "m", "zhuge": "g", "xiahou": "h", "huangfu": "f", "linghu": "h", "yuwen": "w", "murong": "r",
    "situ": "t", "chanyu": "y", "danyu": "y", "shanyu": "y", "xianyu": "y",
}  # fmt: skip
