import { DeviceError, NetworkError, type HttpRequest, type HttpResponse, type Platform, type SubscribeAnswer } from '../types'
import { bytesIn } from '../bytes'
import { askPrivacy } from '@/core/privacy'
import { WeChatRecorder } from './recorder'
import { WeChatVault } from './vault'

/** The product's address, given when the mini-program is built: WeChat only calls addresses its operator listed. */
const BASE_URL = (import.meta.env.VITE_API_BASE_URL as string | undefined) ?? ''

type Decide = (decision: { event: 'agree' | 'disagree'; buttonId?: string }) => void

/** What a mini-program may keep in files, says WeChat; a little is left for everything else. */
const LIMIT = 195 * 1024 * 1024

const vault = new WeChatVault()
let connected = true
const waiting: (() => void)[] = []

const wechat: Platform = {
  name: 'mp-weixin',
  baseUrl: BASE_URL,
  scope: '',
  sample: false,
  request,
  leaveTo: null,
  appId: async () => wx.getAccountInfoSync().miniProgram.appId,
  login: () => new Promise((done, fail) => wx.login({ success: ({ code }) => done(code), fail: ({ errMsg }) => fail(new NetworkError(errMsg)) })),
  subscribe: (_appId, templateIds) =>
    new Promise((done) =>
      wx.requestSubscribeMessage({
        tmplIds: templateIds,
        success: (answer) => done(answer as unknown as Record<string, SubscribeAnswer>),
        fail: () => done(null), // switched off as a whole, or not asked from a tap: messages come by SMS
      }),
    ),
  saveFile(name, text) {
    const path = `${wx.env.USER_DATA_PATH}/${name}`
    wx.getFileSystemManager().writeFileSync(path, text, 'utf8')
    return new Promise((done, fail) =>
      wx.shareFileMessage({ filePath: path, fileName: name, success: () => done(), fail: ({ errMsg }) => fail(new DeviceError('failed', errMsg)) }),
    )
  },
  chooseFile: (endings) =>
    new Promise((done) =>
      wx.chooseMessageFile({
        count: 1,
        type: 'file',
        extension: endings,
        success: ({ tempFiles: [file] }) => done(file ? { path: file.path, name: file.name, size: file.size } : null),
        fail: () => done(null),
      }),
    ),
  openFile: (address, _name, ending) =>
    new Promise((done, fail) =>
      wx.downloadFile({
        url: address,
        success: ({ tempFilePath }) =>
          wx.openDocument({ filePath: tempFilePath, fileType: ending, showMenu: true, success: () => done(), fail: ({ errMsg }) => fail(new DeviceError('failed', errMsg)) }),
        fail: ({ errMsg }) => fail(new NetworkError(errMsg)),
      }),
    ),
  async room() {
    const kept = await bytesIn(vault)
    return { kept, free: Math.max(0, LIMIT - kept), limit: LIMIT }
  },
  elapsed: () => Date.now(), // WeChat gives no other clock
  textScale: () => (wx.getAppBaseInfo().fontSizeSetting ?? 16) / 16,
  openPrivacyNotice: () => wx.openPrivacyContract({}),
  vault,
  recorder: new WeChatRecorder(vault),
  online: () => connected,
  whenOnline: () => new Promise((done) => waiting.push(done)),
  onVisibility(hidden, shown) {
    wx.onAppHide(hidden)
    wx.onAppShow(shown)
  },
  exclusively: (_name, work) => work(), // a mini-program is one page at a time
}

export function platform(): Platform {
  return wechat
}

export async function initPlatform(): Promise<void> {
  wx.onNetworkStatusChange(({ isConnected }) => setConnected(isConnected))
  // WeChat ends requests a few seconds after it goes to the background: sending pauses there and goes on at return.
  wx.onAppHide(() => setConnected(false))
  wx.onAppShow(() => wx.getNetworkType({ success: ({ networkType }) => setConnected(networkType !== 'none') }))
  wx.onNeedPrivacyAuthorization(((resolve: Decide) => {
    void askPrivacy().then((agreed) => resolve(agreed ? { buttonId: 'agree-privacy', event: 'agree' } : { event: 'disagree' }))
  }) as unknown as Parameters<typeof wx.onNeedPrivacyAuthorization>[0]) // the typings know its argument as a result only
  const updates = wx.getUpdateManager()
  updates.onUpdateReady(() => updates.applyUpdate())
}

function setConnected(now: boolean): void {
  connected = now
  if (now) waiting.splice(0).forEach((done) => done())
}

function request({ method, url, headers, body }: HttpRequest): Promise<HttpResponse> {
  return new Promise((done, fail) =>
    wx.request({
      url,
      method: method as 'GET' | 'POST' | 'PUT',
      header: headers,
      data: body,
      dataType: '其他', // anything but json: the answer stays text
      responseType: 'text',
      timeout: 60_000,
      success: ({ statusCode, header, data }) =>
        done({
          status: statusCode,
          headers: Object.fromEntries(Object.entries(header).map(([name, value]) => [name.toLowerCase(), String(value)])),
          body: String(data ?? ''),
        }),
      fail: ({ errMsg }) => fail(new NetworkError(errMsg)),
    }),
  )
}
