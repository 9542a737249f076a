"""The words that tell talk in general from what happened. All patterns are for folded text, every repetition bounded."""

from __future__ import annotations

import re

_COUNTLESS = r"(?:很多|不少|许多|一些|各种)"
_HABIT = (
    r"平时|平常|日常|一般(?!纳税)|通常|往常|经常|常常|时常|总是|总会|总能|老是|每次|每一?[个单件家次天]都|"
    r"往往|一直(?:都|以来|很|比较|是|坚持|注重|重视|相信|保持)|一向|向来|从来都|大多|大部分时候|随时|习惯[于了]?|"
    r"基本上?[都就能上]|不管[^，,。]{0,8}都|什么都|[都也]?差不多[是就都]?|"
    r"\b(?:always|usually|generally|normally|often|every ?time|most of the time|mostly|typically|tend to|"
    r"every \w{2,14} is|naturally|constantly)\b"
)
_NORM = (
    r"(?:首先|就是|还|也|都|多|得|一定|当然|肯定|主要|关键|必须|需要|我们?|，|^)要(?!求|是|不是|么|紧|了|到|回|我|点|的)|"
    r"应该|应当|必须|必要|不能(?!说|用|上)|不要|首先|关键|重点[是在]|最?主要还?是|难免|免不了|"
    r"[最很挺](?:重要|核心|必要)|(?:非常|比较|特别|十分)(?:重要|核心|必要)|自然(?:就|而然|[会能])?|"
    r"才(?:会|能|行|可以)|[就都也](?:会|能|行|可以|好办)|不会[差太有]|"
    r"\b(?:should|must|have to|need to|has to|you (?:just|can|always)|important|essential|the key|"
    r"it'?s (?:all )?about|that'?s what|a good \w{2,14})\b"
)
_TRAIT = (
    r"我(?:这个?人|本人|觉得自己|自己)|性格|外向|内向|开朗|擅长|善于|喜欢|热爱|热情|激情|责任[心感]|上进心|"
    r"执行力|抗压|亲和力|心理素质|能力|应变|经验|有心得|驾轻就熟|团队(?:精神|意识|合作|协作|氛围)|氛围|关系|默契|融洽|"
    r"以身作则|换位思考|各司其职|分工明确|细心|耐心|细致|踏实|勤快|吃苦|耐劳|心态|态度|意识|精神|素质|优势|"
    r"认可|前景|平台|发展空间|提升(?:一下)?自[己我]|锻炼|充实|"
    r"(?:比较|很|挺|非常|蛮|十分|特别|相当|还算|还是|都还|更)(?!多|少|快就|久|急|晚|早|[感有])[^，,。了过\d]{1,6}(?=[，,。；！]|$)|"
    r"\b(?:i am a|i'm a|i am (?:very|really|quite)|good at|passionate|people person|team ?player|"
    r"hard[- ]?working|work hard|do my best|try my best|positive|patient|friendly|motivated|"
    r"support(?:ing)? each other|supportive|flexible|proactive)\b"
)
_MANY = (
    rf"{_COUNTLESS}|好多|各样|各方面|各个|方方面面|有些|一定的|有关|相关|种种|等等|多了去了|"
    r"多(?:想|看|学|跟|做|听|问|吃|走|练|积累|沟通|交流|努力)|努力|用心|认真|尽量|尽力|尽可能|积极|做好|搞好|抓好|"
    r"处理好|到位|配合|重视|注重|注意|不断|持续|充分|想办法|慢慢|"
    r"\b(?:a lot of|lots of|various|many|several|things?|stuff|different|everybody|everyone|people|"
    r"communicat(?:e|ion))\b"
)
HEDGE = re.compile(
    r"可能|大概|好像|似乎|也许|或许|应该是吧|不知道|不(?:太|是很)?(?:清楚|确定|记得)|记不太?清|怎么[说讲]呢|"
    r"说不[好上]|随便|之类的|什么的|某种程度|还行|还可以|还不错|一般般|都可以|看(?:情况|缘分)|反正|呗|就那样|总之|"
    r"没有?什么(?:太|特别)?大?的?(?:困难|问题|印象|挑战|办法)|没问题|随机应变|"
    r"(?:根据|看)(?:实际|具体)?情况|顺其自然|就行了?(?=[。，]|$)|都挺|"
    r"\b(?:maybe|perhaps|probably|kind of|sort of|i guess|i don'?t (?:know|remember)|not (?:really )?sure|"
    r"something like that|and so on|whatever|somehow|more or less|it depends|nothing special|hard to say|"
    r"in its own way|you know how it is)\b"
)
"""Hedges and escapes: the speaker does not commit to what is said."""

GENERIC = re.compile("|".join((_HABIT, _NORM, _TRAIT, _MANY)))
"""Habits, norms, traits and valuations, quantities nobody could count."""

TIMELESS = re.compile(
    rf"{_HABIT}|自然|才(?:会|能|行|可以)|难免|(?<!我)(?<!们)就[^，,。]{{1,3}}了|了[，,]?(?:什么|自然|就)"
)
"""Where these stand, 了 says what follows from what or how it goes each time, and nothing that happened."""

ONCE = re.compile(
    r"那一?次|那天|那回|那晚|当晚|当天|当场|当时|第二天|连夜|通宵|前天|昨天|有一?[次回天年]|"
    r"有一?[个位批家单](?!人说|些)|刚才|突然|头一[批次天]|上个?(?:月|周|学期|季度)|去年|前年"
)
"""A time that was once, somebody or something met."""

_NOT_COUNTLESS = rf"(?![^，,。]{{0,4}}{_COUNTLESS})"
_EN_PAST = (
    r"(?:[a-z]{2,12}ed|was|were|had|did|went|took|made|found|got|came|said|told|left|quit|cut|drove|kept|sent|"
    r"brought|built|ran|led|wrote|spoke|met|gave|lost|won|sold|put|set|held|thought|knew)"
)
DONE = re.compile(
    rf"(?<![为除好对多年])(?<!了去)了(?![解不去]){_NOT_COUNTLESS}|"
    rf"(?<![通经超不路])过(?![程来去渡于得硬关滤年]){_NOT_COUNTLESS}"
)
"""A finished deed or change; a hedge beside it (记不清了) leaves nothing of it."""

DEED = re.compile(
    rf"(?<!之)把(?![握关控])|(?<!一)被(?!动)|"
    rf"\b(?:i|we|he|she|they|it|(?:an?|the|our|my|one|this|that) \w{{2,14}}) (?:\w{{2,10}} )?{_EN_PAST}\b"
)
"""Somebody did something to something, hedged or not; an English past."""

LACK = re.compile(
    r"没有?[^，,。]{0,8}过|没有?(?:怎么|接触|经验|什么(?:特别的?)?(?:规划|打算|想法)|想好|独立|单独|正式|参与|负责)|"
    r"没有?[带做碰管干学用跟](?![好完到])|(?:不太|不怎么|也?不|都不)(?:懂|会做|擅长|了解|熟)|一窍不通|"
    r"想不起来|不方便|不想[说谈]|换一?个问题|无可奉告|走一步看一步|无所谓|只在旁边|还在实习|不直接|"
    r"\b(?:haven'?t|have not|never|can'?t (?:think|remember)|didn'?t|don'?t have|no experience|rather not)\b"
)
"""A lack admitted or an answer refused: judged for what it is, and not vague."""
