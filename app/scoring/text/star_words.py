"""The words that STAR rules listen for. All patterns are for folded text, and every repetition in them is bounded."""

from __future__ import annotations

import re

from app.scoring.text.specificity import QUANTITY

_I = r"(?<![给对向跟为帮])(?:我们?|本人|咱们?|团队|大家)(?!们|的)"
_STEP = (
    r"(?:首先|其次|再次|接着|接下来|随后|然后|于是|之后|第[一二三四五]步?|最后|同时|另外|所以|因此|一方面|"
    r"另一方面|[一二三]是)"
)
_DOING = (
    r"分析|优化|组织|设计|制定|制作|制订|沟通|找到|找出|找了|发现|解决|协调|调整|安排|分配|跟踪|跟进|推动|"
    r"推进|搭建|建立|建了|开发|编写|"
    r"写[了完出成]|实施|执行|测试|做[了完出成]|访谈|采访|调研|调查|走访|拜访|联系|选择|选了|决定|改变|改进|"
    r"改写|改成|改为|改了|重构|重写|引入|采用|"
    r"使用了|用了|代替|替换|邀请|培训|带领|带着|带了|主导|牵头|说服|约(?!束|定|等|为|占)|召集|召开|"
    r"(?<!离)开了|开会|开发|拆成|拆分|拆解|拆了|排序|"
    r"听取|倾听|承担|总结|学习|学了|梳理|整理|汇总|收集|搜集|统计|对比|比较了|评估|同步|讨论|谈判|谈了|聊了|"
    r"汇报|反馈|检查|排查|核对|监控|修复|"
    r"定位|上线|发布|启动|策划|减少|降低|缩短|提升|提高|学会|主动|对接|招募|招聘|确认|处理|回访|道歉|安抚|"
    r"复盘|请教|申请|争取|规划|布置|"
    r"验证|模拟|演练|加班|记录|列[了出]|画[了出]|算[了出]|问[了清]|打了|发[了给]|拉[了着上]|换[了成]|教|"
    r"提出|提供|提交|提前|参与|参加|配合|支持|"
    r"翻译|撰写|起草|审核|审查|归纳|归类|分类|分成|分了|划分|设置|设立|配置|部署|迁移|清理|清洗|抽取|建模|"
    r"训练|试用|试点|推广|宣传|投放|运营|"
    r"筛选|面试|签约|采购|压缩|合并|简化|自动化|标准化|打通|打造|落地|迭代|追踪|督促|鼓励|激励|表扬|辅导|"
    r"指导|帮助|帮他|帮客户|协助|接手|接待|"
    r"坚持|盘点|摸清|了解了|熟悉了|查[了看找阅]|翻了|读了|看了|整合|融合|补充|补[了上]|增加了|加[了上]|"
    r"删[了除]|取消|叫停|暂停|恢复"
)
_DOING_EN = (
    r"analy[sz]ed|led|built|designed|organi[sz]ed|created|wrote|talked|spoke|met|called|interviewed|set up|"
    r"planned|"
    r"fixed|changed|improved|optimi[sz]ed|implemented|developed|tested|introduced|proposed|decided|chose|"
    r"coordinated|trained|launched|reviewed|collected|compared|negotiated|persuaded|asked|started|made|used|"
    r"rewrote|worked (?:with|on|out|through|closely)|helped|ran|took|brought|gave|drew|broke|split|put|sent|"
    r"taught|found|held|"
    r"kept (?:a|the|in|every)|cut|drove|sat down|listened|figured out|came up with|went through|"
    r"looked (?:at|into)|dug|tracked|"
    r"divided|wrote down|spent .{1,20} \w{3,}ing|read|sold|hired|won over|got (?:the|everyone|buy)"
)
# Verbs in -ed that tell of no deed of one's own.
_NO_DEED_EN = (
    r"(?:want|need|lik|lov|hop|believ|consider|seem|graduat|major|join|hat|wish|prefer|enjoy|appreciat|"
    r"expect|liv|suppos|"
    r"interest|excit|assign|task|requir|involv|concern|worri|pleas|satisfi|employ|bas|face|struggl|learn|"
    r"realiz|realis|"
    r"notic|happen|experienc|work|fail|receiv|manag to surviv|stay|remain|belong|deserv)ed"
)
_RISE = (
    r"提升|提高|增长|增加|上升|上涨|突破|超过|翻了|翻|达到|涨到|涨了|升到|做到|多了|increased|grew|rose|"
    r"raised|improved|doubled|tripled|exceeded|"
    r"reached|boosted|climbed|hit"
)
_FALL = (
    r"降低|减少|下降|降到|降至|降了|缩短|节省|节约|省了|压缩|压到|回到|少了|控制在|reduced|cut|dropped|fell|"
    r"saved|decreased|shortened|lowered|"
    r"went down|halved"
)
_CHANGE = rf"{_RISE}|{_FALL}|完成|带来|提前|排名|went (?:up|from)|from [^,]{{1,12}}? to"
_GOOD = (
    r"销售额?|销量|业绩|收入|营收|转化率|用户|客户|满意度|订单|流量|复购率?|留存率?|活跃|利润|份额|口碑|"
    r"士气|产量|合格率|完成率|参与|评分|"
    r"点击率|效率|准确率|到课率|出勤|sales|revenue|conversion|users|customers|retention|profits?|traffic|"
    r"satisfaction|orders|sign-?ups|"
    r"attendance|adoption"
)
_BAD = (
    r"成本|投诉|流失|故障|错误|退货|退单|退款|离职|延误|延迟|缺陷|不良|差评|事故|等待|报错|耗时|库存积压|"
    r"churn|complaints?|costs?|errors?|"
    r"defects?|returns|turnover|delays?|latency"
)
_SANK = (
    r"下降|下滑|减少|下跌|流失|跌|少了|掉了|掉到|萎缩|低迷|上不去|一直不高|fell|dropped|declined|decreased|"
    r"(?:was|were) (?:falling|dropping|declining|down)"
)
_SWELLED = (
    r"上升|增加|增长|上涨|涨[到了]|升[到了]|突然到|居高不下|越来越[多高]|变多|特别多|很多|太高|偏高|rose|"
    r"increased|grew|climbed|jumped|"
    r"(?:was|were) (?:rising|growing|increasing|up)"
)

RESULT_OUTRIGHT = re.compile(
    r"(?<![\u4e00-\u9fff])(?:但是?|所以|而)?(?:我们?|团队)?(?:最终|最后的?结果|(?:结果|成果)(?!的|数据|导向|"
    r"分析))|"
    r"最[后终].{0,14}(?:完成|上线|达成|成功|实现|解决|通过|签|拿[到下了]|交付|满意|同意|接受|采纳|成交|提升|"
    r"提高|降低|恢复|获得|得到|按时|顺利|"
    r"找到|做完|铺|到账|赶[上出]|省|收回|要回|留[下住]|没有出|没出|续)|没(?:有)?再(?:出|发生|投诉|犯|掉)|"
    r"再也没|"
    r"\b(?:as a result|in the end|finally,? (?:we|i|the|it)|eventually|ultimately|"
    r"the (?:result|outcome|end result) was|resulted in|led to (?:a|an|the|more|fewer|better)|"
    r"with the result|because of this,|"
    r"thanks to (?:this|that)|(?:turned out|ended up) (?:well|great|to be|with|being)|went live|paid off|"
    r"on schedule|ahead of|"
    r"under budget|early and)\b"
)
TASK = re.compile(
    r"(?:我|我们)的?(?:主要|具体|核心|首要)?(?:任务|目标|职责|工作|角色)(?:就?是|在于|为)|"
    r"(?:任务|目标|指标|责任)(?:就?是|在于|定[在为])|[给跟]我们?(?:的|下了?|定了?).{0,6}(?:任务|目标|指标|"
    r"要求)|给自己定|下(?:定)?决心|"
    r"(?<!认真)(?<!，)负责(?!的?任|人|我|我们)|^负责|(?:要求|需要|希望|安排|交给|交给了|指派|派|让|委托|"
    r"请)(?:我|我们)(?!想|看|说|讲|印象|学|明白|觉得|感|意识|认识|懂|成长|来的|很|特别|们?都)|"
    r"(?:我|我们)(?:需要|必须|被安排|被指派|接到|要在|来牵头|来负责|牵头|负责)|要求.{0,8}(?:天|日|周|月|年|"
    r"小时|当天).{0,3}(?:内|前|之前|完成|解决)|"
    r"(?:内|(?<!以)前)(?:我们?)?(?:必须|要(?!是)|得(?!到)|至少)|必须.{0,8}(?:完成|收回|交付|上线|"
    r"解决|达到|做完|搞定)|"
    r"我们?(?:要|需要|必须)(?:做|解决|完成)的(?:事情?)?(?:就)?是|我们?(?:主要|专门)?(?:管|分管|带|做)的(?:就)?是|"
    r"我们?(?:得(?!到)|必须|要)[在赶][^，,。]{1,8}(?:之?前|之?内)|"
    r"(?:接到|接了|领了|接手)(?:一个|这个|了)?.{0,6}任务|担任|为了(?:完成|达到|实现)|"
    r"\b(?:my|our) (?:main |key |first |primary |own )?(?:task|goal|job|role|responsibility|aim|target|"
    r"objective|mission|assignment)s? (?:was|is|were|there)\b|"
    r"\b(?:i was|we were) (?:responsible|asked|tasked|expected|assigned|in charge|given|supposed|required|"
    r"told)\b|"
    r"\b(?:asked|told|wanted|needed|expected|required) (?:me|us)\b|\bi (?:owned|was leading|took (?:over|"
    r"charge|ownership))\b|"
    r"\b(?:i|we) (?:had|needed|were|was) to\b|\bthe (?:goal|task|aim|target|objective) was\b|\bit was (?:my|"
    r"our) (?:job|responsibility|task)\b"
)
SITUATION = re.compile(
    r"当时(?!的?[我就]就)|背景是|背景下|那[段阵]时间|那阵子|那时候?(?!我还没)|那一?年|那个(?:季度|学期|星期)|那个月(?!我们?(?:组|店|团队)?(?:拿|得|评|成|超|做到|完成))|"
    r"有一[次回年天]|事情是这样|情况是这样|[做进行展]到一半|突然(?![想觉发])[^，,。]{0,10}(?:翻|涨|增|降|跌|减|离职|要求|通知|取消|提前|"
    r"坏|断|退|走)|"
    r"(?:去|前)年(?!的)|上半年|下半年|刚开始|一开始|起初|"
    r"(?<![\u4e00-\u9fff])(?:我们(?:公司|店里?|团队|部门)?|公司|店里?)?(?:之前|以前|原来|原本)(?!没|我|是|"
    r"做)|"
    r"刚(?:入职|加入|接手|来|进)|"
    r"[上前]一?(?:家|份|个)(?:公司|工作|单位|项目)(?!的?(?:经验|时候?我))|(?:大[一二三四]|研[一二三]|实习|"
    r"毕业)(?:那年|时|的?时候|期间|上学期|下学期|后)|"
    r"(?:19|20)\d\d年|[二一][零〇九][零〇一二三四五六七八九]{2}年|"
    r"(?:遇到|面临|出现|碰到|碰上|赶上|遭遇|出)(?:了|过?一|这|最)(?!什么|任何|些).{0,14}(?:困难|问题|挑战|情况|危机|"
    r"瓶颈|冲突|疫情|故障|难题|压力|事故)|发生过?了?一?[次场起]?.{0,4}(?:冲突|事故|争执|分歧)|"
    r"(?:项目|系统|公司|团队|部门|店里?|产品|客户).{0,8}(?:问题很?多|很混乱|一团糟|人手不[够足]|经常(?:出|"
    r"报|崩|投诉|延)|面临|处于|刚成立)|"
    r"\b(?:at the time|at that time|back then|when (?:i|we) (?:was|were|joined|started|took over)|"
    r"(?:in|at|during) (?:my|our) (?:\w{3,10} )?(?:previous|last|first|second|third|final|former|old|"
    r"internship|university|college|job|role)|"
    r"(?:\w{3,8}|a few|several) (?:years?|months?|weeks) ago|during (?:my|our|that)|while (?:i|we) (?:was|"
    r"were)|"
    r"the (?:situation|background|context) was|(?:was|were) (?:facing|struggling|losing|behind|understaffed|"
    r"short of|unhappy|stuck|furious)|"
    r"(?:we|i) had (?:a|an|one|this) (?:\w{3,10} ){0,2}?(?:problem|issue|client|customer|conflict|crisis|"
    r"deadline|incident|outage|relaunch|launch|migration|project))\b"
    r"|(?<![a-z] )\bonce\b|(?<![a-z] )(?:last (?:year|month|summer|spring|autumn|winter|quarter)|in (?:19|"
    r"20)\d\d)\b"
)
SITUATION_ASIDE = re.compile(
    r"期间|的时候|今年[年初春夏秋冬上下]|\b(?:when (?:i|we|the|our|my)|during the|there (?:was|"
    r"were)|last (?:year|month|summer|winter)|"
    r"(?:in|since|around) (?:19|20)\d\d|while working|i used to)\b"
)
SITUATION_MEASURED = re.compile(
    rf"(?:{_GOOD})[^，,]{{0,12}}?(?:{_SANK})|(?:{_BAD})[^，,]{{0,12}}?(?:{_SWELLED})|(?:loss|drop|decline|"
    rf"fall) (?:of|in) (?:{_GOOD})"
)
RESULT_MEASURED = re.compile(
    rf"(?:{_CHANGE})[^，,]{{0,16}}?(?:{QUANTITY}|\b(?:zero|half|nothing)\b|零|一半|两倍|"
    rf"[一二三四五六七八九]成)|"
    rf"(?:{QUANTITY})[^，,]{{0,8}}?(?:{_CHANGE})|从[^，,]{{1,14}}?(?:{_CHANGE}|变成|到了?)[^，,]{{1,10}}|"
    r"(?:获得|拿[到了]|赢得|荣获|得到|受到|收获|取得)了?.{0,14}(?:奖|冠军|亚军|销冠|第[一二三]|认可|好评|表扬|肯定|"
    r"称赞|赞扬|成绩|突破|效果|成功)|被评为|评上了?|"
    r"(?:客户|用户|领导|老板|团队|甲方|同事|对方|大家|他们?|她们?|家长|学生).{0,8}(?:很|非常|比较|都|挺|"
    r"十分)?(?:满意|续约|续签|认可了?我|采纳了?|签了|同意了|接受了|付款|表扬|下单|理解了|好评)|"
    r"按时完成|按期|(?:顺利|成功|圆满|如期|提前|按时)地?(?:上线|完成|交付|通过|举办|解决|签约|签下|达成|"
    r"拿下|落地|恢复|发布)|达成了?(?:一致|共识|协议|目标)|"
    r"(?:问题|故障|矛盾|冲突|难题)(?:也|就|都|很快|终于|得到了?|被){0,2}(?:解决|化解|排除|消除|"
    r"修复)了?(?!问题)|超额|达标|通过了验收|签下了|签了.{0,8}(?:单|万|合同)|中标|沿用|推广到(?:了)?(?:全|"
    r"其他)|"
    r"效果(?:很|非常|比较|挺)?(?:好|明显|不错|显著)|(?:won|"
    r"received|got|earned) [^,]{0,24}(?:awards?|prizes?|praise|recognition|promotion|contract)|"
    r"\b(?:the )?(?:client|customer|project|team|boss|manager|everyone|system|launch|event|"
    r"release)s? (?:was|were|went|is) (?:\w{2,10} )?"
    r"(?:satisfied|happy|pleased|delivered|completed|finished|launched|successful|a success|live|smoothly|"
    r"on time|renewed|signed|adopted|resolved)\b|"
    r"\b(?:renewed|signed) (?:the|their|a|for)|\bon time and\b|\bahead of (?:schedule|the deadline)\b|"
    r"\breached (?:an? )?(?:agreement|consensus)\b|"
    r"\b(?:problem|issue|conflict) was (?:solved|resolved|fixed|settled)\b"
)
_STATE = (
    r"觉得|知道|感到|感觉|遇到|碰到|看到|听到|想到|收到|得到|学到|变|忘|生气|着急|紧张|喜欢|习惯|意识|认识|"
    r"了解|为|除|毕业|加入|入职|离职|来|成|当|"
    r"有|没有|明白|懂|获得|经历|工作|干|待|呆|累|哭|笑|烦|输|失败|迟到|记|混|错"
)
ACTION = re.compile(
    rf"(?:{_I}|{_STEP})(?:(?!是|认为|觉得|希望|想(?!办法))[^。]){{0,16}}?(?:{_DOING})|"
    rf"(?<![\u4e00-\u9fffa-z])(?:{_DOING})了|"
    r"(?<![给对向跟为帮])(?:我们?|本人|大家)(?!们|的|觉得|认为)[^，,。]{0,14}?(?:把|将)[^，,。]{1,18}|"
    rf"(?<![给对向跟为帮])(?:我们?|本人)(?!们|的|觉得|认为)(?:(?!是|觉得|认为|"
    rf"希望)[^，,。]){{0,14}}?(?!{_STATE})[\u4e00-\u9fff](?<![不没就都也还又很后来太好坏多少对错])[完出成到过遍]?了(?![解])|"
    rf""
    rf""
    rf""
    r"我们?(?:就|先|再|每[天周月次个]|马上|立刻|立即|赶紧|赶快|当场|当晚|当天|连夜|直接|第一时间|"
    r"一([个家条遍项])一\1地?|逐[个一]|挨[个家]|挨家挨户|手把手|一对一|分头|轮流|上门|当面|私下|重新|反复|抽空|下班后|主动|"
    r"亲自|专门|自己(?=[去写做画学跑花])|"
    r"一直|开始|给他们?|"
    r"跟[^，,。]{1,6}|给[^，,。]{1,6}|帮[^，,。]{1,6}){1,3}(?!是|觉得|想|会|要|很|有点|"
    r"没)[\u4e00-\u9fff]{2,}|"
    r"(?:都)?是我(?:们)?(?:自己)?(?:一[个手]|亲自|来)?[^，,。]{0,4}(?:写|做|去|画|拉|谈|搭|"
    r"负责)[^，,。]{0,4}的|"
    r"(?<![\u4e00-\u9fff])(?:通过|利用|借助|根据|针对|按照|用(?!户))[^，,。]{1,14}?(?:" + _DOING + r")|"
    rf"\b(?:i|we)\b(?: (?!was|were|am|are|would|will|could|might|should|never|"
    rf"didn't)\w{{2,12}}){{0,2}}? (?:{_DOING_EN}|(?!{_NO_DEED_EN}\b)[a-z]{{3,14}}ed)\b|"
    rf"(?<![a-z] )\b(?:first|then|next|after that|finally|secondly|also|and)[, ]{{1,2}}(?:{_DOING_EN})\b"
)
GOES_ON = re.compile(
    r"(?:先|再|又|也|还|就|并且?|而且|同时|然后|接着|最后|随后|之后|每[天周次个]|逐[个一步]|一起|主动|亲自|"
    r"重新|及时|反复|不断|一边|"
    r"(?:通过|对|把|将|用|给|跟|和|向|从|为|根据|按照?|让|请|在)[^，,。]{1,14}?){0,4}"
    rf"(?:{_DOING})|(?:又|还|再|也|就|并且?|同时)?(?:把|将)[^，,。]{{2,18}}|(?:and |then |"
    rf"also ){{0,2}}(?:{_DOING_EN})\b"
)
RESULT_AFTER = re.compile(
    rf"(?:(?!我)[^，,。]){{0,20}}?(?:(?:{_CHANGE})[^，,。]{{0,12}}|恢复|好多了|好了很?多|理解了|同意了|"
    rf"接受了|满意|稳定[了下]|正常了|解决了|没(?:有)?再|"
    r"不用再?|再也没|到账|全部到|到了?百分之|零(?:工伤|事故|投诉|差错)|清零|比[^，,。]{1,8}(?:少|多|高|低|快|好|"
    r"短)|(?:现在|后来|到今天|至今)[^，,。]{0,12}(?:都|还在?|一直)[用看按照沿]|没(?:有)?出(?:过)?(?:问题|事|错)|"
    r"(?:上线|做完|收回|回来|跑完|跑通|通过|留下|签)了|"
    r"没有(?:一个|任何)?[^，,。]{0,4}(?:离开|离职|流失|投诉|退|出错|返工|迟到)|追加了?|[又还](?:续|介绍|推荐|下)了|"
    r"省下|出来了|推广|表扬了?我|点名表扬|销冠|转正|升[了为][^，,。]{0,2}(?:主管|组长|经理|店长)|留了?下来|回头客|"
    r"现在[^，,。]{0,12}(?:就|只[要用需]|不用|能够?|可以)|"
    r"都(?:上线|完成|到|来|交)了|继续(?:从|跟|和|用)|轻松|没那么|快了|省了|来了.{0,4}人|挺多人|好评|能(?:跑|"
    r"做|看|用)完|不到百分之)|"
    r"\b(?:it|they|that|this|things|everyone|everything|he|she|people|the \w{3,14}(?: \w{3,14})?|"
    r"our \w{3,14}|evictions|[a-z]+s)\s(?:\w{2,10}\s)?"
    r"(?:was (?:fine|better|faster|fixed|solved|done)|got better|stayed|worked|helped|renewed|passed|agreed|"
    r"accepted|thanked|recovered|dropped|"
    r"fell|rose|stopped|improved|succeeded|loved|liked|signed|kept|knew|came back|re still|'re still|"
    r"are still|went)\b|\bstill with us\b|\bzero\b"
)
SETTING = re.compile(
    r"(?!我(?!们)|大家好|您好|你好)[^。]{0,30}?(?:了(?!解)|有一?[个次位家条批]|老是?|总是|"
    r"一直|经常|天天|突然|快要|不够|没人|问题|[欠拖坏乱崩卡停嫌吵]|"
    r"投诉|不满|不配合|不愿意|不肯|不同意|意见不|很大|很难|着急|着呢|差[着了一十几])|"
    r"\b(?:was|were|had|kept|lost|missed|broke|failed|went|escalated|complained|wanted|refused|arrived|came|"
    r"left|got|"
    r"(?!suppos|us)[a-z]{3,12}ed)\b"
)
