"""The words that tell what a sentence does with its words. All patterns are for folded text, every repetition bounded."""

from __future__ import annotations

import re

PERSON = (
    r"(?:同事|同学|领导|老板|上司|上级|主管|经理|总监|组长|队长|店长|师傅|室友|舍友|朋友|前辈|师[兄姐弟妹]|"
    r"学[长姐弟妹]|导师|老师|前任|"
    r"别人|其他人|另外?一个人|有的人|有人|对方|实习生|下属|下级|组员|队友|"
    r"(?:别的|其他|另一个|隔壁)(?:部门|团队|组|公司)|"
    r"(?:技术|产品|运营|市场|财务|开发|测试|销售|设计|法务|人事|研发|数据)(?:部门?|团队|组|同事|同学|经理|"
    r"总监)|"
    r"小[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕]|"
    r"[王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕](?:总|经理|工|老师|姐|"
    r"哥)|"
    r"(?<!其)他们?(?!人)|她们?)们?"
)
LEAD = (
    r"(?:首先|其次|然后|后来|当时|于是|最后|其中|因为|由于|虽然|所以|而且?|并且|同时|那时候?|之前|以前|平时|"
    r"主要|那个|"
    r"这个|就是|嗯|呃|但是?|不过|可是|其实|这块|这部分|这件事|[^，,。]{1,8}(?:时候?|期间|之后|里|中|上|"
    r"方面))[，,]?\s?"
)
WHOSE = (
    r"(?:(?:我们?|本人|公司|当时|团队|部门)的?(?:公司|部门|团队|组)?里?的?)?(?:是|由|靠|都是|是由)?"
    r"(?:一个|一位|一名|另外?一?[个位名]|几个|两个|那个|这个|有[个位]|某[个位]|[上前]一?任的?)?"
)
OTHER_ACTS = re.compile(rf"(?:{LEAD}){{0,3}}{WHOSE}{PERSON}(?!的|[和跟与、]我|关系|之间|都认可)")
OTHER_BY = re.compile(rf"(?:由|都?是由?|交给|靠)(?:我们?的?)?{PERSON}(?!的)")
SELF = re.compile(
    r"(?<![给对向比为替帮教])(?<!告诉|通知|提醒|批评|鼓励)(?:我们?|本人|咱们?)"
    r"(?!的|公司|同事|同学|领导|老板|上司|主管|经理|组长|室友|朋友|导师|老师|师傅)"
)
EN_LEAD = (
    r"(?:(?:and|but|so|then|because|while|when|actually|also|however|well|at (?:the|that) time|in (?:the|"
    r"that|this) \w{1,12}|"
    r"one of)[,\s]{1,2})"
)
EN_OTHER_ACTS = re.compile(
    rf"{EN_LEAD}{{0,3}}(?:he|she|they|someone|somebody|others|(?:(?:my|our|the|a|"
    rf"another)\s)(?:\w{{2,12}}\s)?"
    r"(?:colleagues?|co-?workers?|teammates?|lead|manager|boss|supervisor|friends?|roommates?|classmates?|"
    r"mentor|"
    r"director|ceo|"
    r"predecessor|intern|developers?|designers?|professor|teacher))\b(?!\s(?:and|&)\s(?:i|me)\b|'s\b)"
)
EN_OTHER_BY = re.compile(r"\bby (?:him|her|them|others|my \w{3,12}|our \w{3,12})\b")
EN_SELF = re.compile(r"\b(?:i|we|me|us|myself|our team|my team)\b")
GOES_ON = re.compile(
    r"(?:还|也|又|就|再|并且?|然后|同时|主要|一直|每天|会|在|而且|接着|用|做|写|懂|去|and|also|then)|"
    r"(?:负责|分析|开发|设计|优化|组织|制定|搭建|完成|使用|推动|建立|整理|跟进|提升|提高|降低)"
)

TO_ME = re.compile(r".{0,4}?[给跟对向教带让]我")
DEED = re.compile(
    r"想(?![到起])|希望|打算|负责|做|搞|写|开发|分析|用|会(?!议)|懂|擅长|熟|处理|带|管|主导|推动|设计|完成|搭|"
    r"建|组织|制定|提出|"
    r"想[出到]|找[出到]|解决|谈|优化|测试|"
    r"\b(?:handle[sd]?|does|do|did|built|wrote|led|manage[sd]?|ran|is|are|was|were|took|found|made|use[sd]?|"
    r"know[s]?|knew|fixed|"
    r"[a-z]{3,12}ed)\b"
)
GENERAL = re.compile(
    r"最(?:重要|关键|核心|主要)的?(?!一次|一个|项目|客户)|关键(?:还?是|在于|就是)|(?:就是|首先|一定|都|还是|"
    r"肯定)要|(?<!不)应该(?!是|有)|(?<![都也么我们])要(?:有|会|多|懂|善于|学会|注意|"
    r"尊重|站在|换位|认真|细心|反复|做好|抓[好住]|以|不断|真诚|耐心|及时|主动|先|跟|把)(?!了)|需要(?:有|"
    r"不断|大家|每个)|必不可少|(?:很|非常|十分|特别|比较|挺|最)(?:重要|关键|必要)|大家都?要|自然(?:就|而然)|"
    r"第一位|是(?:一种|一个(?:持续|长期|循环|系统))|每个人都|大家都(?:要|应该)|只要.{1,12}就|"
    r"\b(?:the most important|(?:is|are) (?:very |really |so )?(?:important|key|essential|crucial|"
    r"everything)|you (?:have to|need to|should|must|"
    r"can|just)|one (?:should|must|has to)|we (?:should|must)|people should|it (?:all )?depends|"
    r"it'?s (?:all )?about|always (?:try|be)|generally)\b"
)
DEED_AGAIN = re.compile(
    r"(?<!让)我们?(?!们|就?[会将想要可]|应该|可能|肯定|一定|觉得|认为|觉着|这个?人)[^，]{0,14}(?:了(?!解)|"
    r"过(?!程))|当时|有一次|去年|前年|上个?[月周家]|"
    r"比如(?:说)?(?:我|有|上|去)|\b(?:i|we) (?:\w{2,10} )?(?:[a-z]{3,12}ed|had|was|were|did|led|built|ran|"
    r"made|wrote|took|went|set|got)\b"
)

ASIDE = re.compile(r"算不算|你说|对吧|是吧|不是吗|对不对|怎么说")
ASKED = re.compile(
    r"[?？]|(?:吗|是不是|对吧)[。.]?$|(?:什么|怎么|为什么|如何|哪[些个里]|多少).{0,16}呢[。.]?$"
)
SAYING = re.compile(
    rf"(?:{PERSON}|客户|用户|顾客|大家|面试官)(?:就|也|还|曾经?|常常?|总是?|都)?(?:[跟对和向给]我们?)?"
    r"(?:说过?|讲过?|告诉过?(?:我们?)?|提到过?|表示|认为|觉得|问过?(?:我们?)?|回答|抱怨)|"
    r"(?<=，)说(?=[你我他她])|(?:听说过?|据说|有人说|都说|[书网]上说|俗话说|常说)|"
    r"\b(?:he|she|they|people|someone|(?:my|the|our)\s\w{2,14})\s(?:says?|said|told\s(?:me|us)|claims?|"
    r"claimed|mentioned|"
    r"thinks?|thought|believes?|explained|asked\s(?:me|us)\s(?:if|whether|what|how))\b|\bi(?:'ve)?\sheard\b"
)
OPENING = re.compile(r"[“「『\"]")
CLOSING = {"“": "”", "「": "」", "『": "』", '"': '"'}
TERM_CHARACTERS = 8
OWN_AGAIN = re.compile(
    r"(?:所以|于是|后来|但是?|可是|然后|最后|结果|因此|当时)?(?:我们?|本人)(?!们|的|同事|领导|[^，]{0,8}你)|"
    r"(?:于是|后来|"
    r"最后|结果)|(?:so|and|but|then)?\s?(?:i|we)\b"
)

IF = re.compile(
    r"如果|假如|假设|假若|(?<![主重需只还就])要是|倘若|若是|万一|设想|(?:机会|需要|可以|可能|允许|入职|录用|"
    r"加入|条件|"
    r"有).{0,6}的话|"
    r"(?<!see )(?<!check )(?<!know )(?<!ask )(?<!asked )(?<!checked )(?<!wonder )(?<!determine )(?<!out )\b(?:if|"
    r""
    r""
    r"suppose|imagine)\b|\b(?:i|we)(?:'d|\swould)\b(?!\s(?:often|always|usually|every))"
)
FACTS_AGAIN = re.compile(
    r"(?:但|可是|然而|不过|其实|实际上|事实上|当时|后来|之前|以前|目前|现在)|(?:but|actually|in fact|"
    r"however|at that time)\b|(?:所以)?我们?(?!们|就?[会将想要可]|应该|可能|肯定|一定).{0,20}(?:了(?!解)|"
    r"过(?!程))"
)
WILL = re.compile(
    r"希望(?!我)|打算|想要|(?<!感)想(?:去|学|做|在|往|从事|多|进一步|继续|尝试|把|通过|成为|用)|有意|"
    r"有兴趣学|(?:准备|计划|考虑)(?:要|去|再|以后|明年|今年|下半年)?"
    r"(?:学|考|转|报|往)|会考虑|正?在考虑|愿意|将来|以后(?:会|想|要|再)|未来(?:会|想|要|希望|几年|可以)|"
    r"下一步(?:会|想|要|希望)|"
    r"\b(?:hop(?:e|ing)|plan(?:ning)?|intend(?:ing)?|want|wish|would\slike|aim|willing|eager)\sto\b|"
    r"\bgoing\sto\b|\bin the future\b|"
    r"\b(?:i|we)(?:'ll|\swill)\b(?!\s(?:often|always|usually))|\b(?:looking forward to|"
    r"interested in learning|thinking (?:of|about))\b"
)
WILL_ENDS = re.compile(r"但|所以|于是|就(?=[去用])|后来|我们?(?=[用做写负])|\bso\b|\bbut\b")

NO_DENIAL = re.compile(
    r"不仅|不但|不只|不光|不单|不断|不同|不少|不得不|不得已|不错|不过|不管|不论|不久|不停|不止|不到|不超过|"
    r"不低于|不亚于|不低|不到位|不一样|不一致|"
    r"不满意?|不理想|不好意思|不够|不稳定?|不足|不高|不好|不大|不均|不清晰|不明确|不合理|不知不觉|不由得|"
    r"不出所料|不可避免|不厌其烦|"
    r"不(?:理解|认可|同意|信任|配合|相信|支持|愿意|重视|接受|熟|懂)(?:的|我们?)|"
    r"算不算|是不是|能不能|会不会|要不要|好不好|对不对|可不可以|行不行|有没有|愿不愿意|无论|无比|无数|无疑|"
    r"无线|无意中|没问题|没过多久|没多久|没几天|没想到|没日没夜|没错|没关系|没有人|没人|"
    r"没有问题|没有放弃|没放弃|没有退缩|没有因[此为]|没有抱怨|"
    r"没有现成|没有先例|没有停|没停|未来|未必不|别人|别的|特别|分别|区别|级别|差别|性别|识别|辨别|告别|个别|"
    r"类别|not only|no doubt|no matter|not just|no longer than|no wonder"
)
DOUBLE_DENIAL = re.compile(
    r"(?:并?不是|并非|不会|不能|不可能|不可|不可以|没有|从未|从不|从来不)(?:没有?|不|未|无)|离不开|少不了|"
    r"免不了|无不|\bnot\s(?:without|unfamiliar|that i (?:have|had)(?:n't| not| never))\b|"
    r"\bnever\s(?:not|without)\b|\bcan(?:not|'t)\s(?:help|but)\b|\bno stranger to\b"
)
DENIAL = re.compile(
    r"没有?|不(?!$)|未|从未|无法|缺乏|缺少|(?<!区)别(?=用|去|做|把)|无(?=经验|基础|法)|\bno\b|\bnot\b|"
    r"\bnever\b|\bwithout\b|\black(?:ed|ing|s)?\b|n't\b|"
    r"\bcannot\b|\bneither\b|\bnor\b|\bunable\b|\bunfamiliar\b"
)
DENIAL_ENDS = re.compile(
    r"而是|而用|却|反而|后来|然后|于是|所以|最后|最终|接着|因此|改用|改成|转而|用的是|只(?:用|会|懂|是|有|"
    r"做)|就(?:用|靠|是|找|去|开始|自己)|换成|(?<=[^不])是用|"
    r"除了|之前|\bbut\b|\bonly\b|\binstead\b|\bexcept\b|\b(?:and|so|because)\s(?:i|we)\b|\buntil\b"
)
DENIAL_REACH, DENIAL_REACH_LATIN = 16, 60
DENIED_AFTER = re.compile(
    r"(?:\s*[、,和跟与及或]\s*[a-z0-9+#.\u4e00-\u9fff]{1,12}?){0,6}\s*"
    r"(?:上|里|中|会|方面)?(?:这个|这些|这类|这块|这方面|那方面|技能|语言|工具|方面|经验|的经验|的经历|"
    r"的能力|之类的|什么的){0,2}"
    r"(?:我们?)?(?:一[次点个份]?都|也|还|都|并|倒|根本|从来|完全|确实|真的|其实|基本上?|暂时|目前|现在|以前|"
    r"之前|平时|一直|"
    r"自己|全){0,3}"
    r"(?:没有?|不太|不怎么|不是很|不|未)(?:有|曾|怎么|太|真正){0,2}(?:用过|做过|接触|学过|用|做|会|懂|熟|"
    r"了解|擅长|精通|掌握|知道|行|涉及|碰|搞|深入|想好|想清楚|确定|[讲开带写读看试干跑见听碰管背办]过)"
    r"|(?:\s(?:or|and|,)\s?[a-z0-9+#.]{1,14}){0,4}\s(?:is|are|was|were)\s(?:not|new to)\b|"
    r"(?:\s\w{1,10}){0,2}\s(?:i|we)\s(?:have never|never|don't|do not|haven't|didn't)\b"
)
MEANT_AFTER = re.compile(
    r"(?:这个|这些|这方面|方面|技能|语言|的能力){0,2}(?:我|也|还|以后|将来|后面|接下来|目前|正){0,3}(?:打算|"
    r"想|准备|计划|希望|会)(?:去|再|好好|要|以后|多){0,3}(?:学|补|考|了解)"
)
EXCEPT = re.compile(r"(?:除了|除|不止|不只|except|besides|apart from)\s?(?:会|用|懂)?[^，,]{0,12}$")
